/* The ssh keys of a lab, in LAB_DIR/keys/: `grader` and `candidate` (private, with .pub), and for
 * each node NODE and NODE.pub, its host key. A stage keeps the keys that its frozen nodes hold in a
 * folder of the same form. */
#ifndef LABRUN_LAB_KEYS_H
#define LABRUN_LAB_KEYS_H

#include "lab/lab.h"

/* Makes fresh keys for all nodes into FOLDER. */
bool keys_make(const struct plan *p, const char *folder, struct lr_error *err) _must_check_;
/* Copies the keys of a stage. */
bool keys_copy(const struct plan *p, const char *from, const char *to, struct lr_error *err)
    _must_check_;
/* The seed files of every node with the keys in FOLDER; array of n_nodes, owned (seeds_free). */
bool keys_seeds(const struct plan *p, const char *folder, struct seed **ret, struct lr_error *err)
    _must_check_;
void seeds_free(struct seed *seeds, size_t n);

/* One key file's text, without the newline at its end; owned. */
bool key_read(const char *folder, const char *name, char **ret, struct lr_error *err) _must_check_;

/* Writes LAB_DIR/known_hosts: the pinned host keys under "LAB-NODE". */
bool keys_known_hosts(const struct lab *lab, struct lr_error *err) _must_check_;

#endif
