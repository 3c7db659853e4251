/* Labs for the lxc driver's integration tests: three nodes on two networks, from an image folder,
 * in a state folder of the test's own. */
#ifndef LABRUN_TESTS_LXC_LAB_H
#define LABRUN_TESTS_LXC_LAB_H

#include "driver/driver.h"
#include "transport/keys.h"
#include <stdnoreturn.h>

#define N_NODES 3

struct fixture {
    char *state_dir;
    char *image; /* the image folder of all nodes */
    char *key_file;
    struct keypair host; /* of every node's sshd */
    struct keypair user; /* may log in everywhere */
    struct driver *driver;
};

struct test_lab {
    struct fixture *f;
    struct plan *plan;
    char *dir;
};

noreturn void fail_at(const char *file, int line, const char *what, const struct lr_error *err);
/* Ends the program when something is not as it must be. */
#define CHECK(x) ((x) ? (void)0 : fail_at(__FILE__, __LINE__, #x, NULL))
/* The same for a call that sets `err`. */
#define MUST(x) ((x) ? (void)0 : fail_at(__FILE__, __LINE__, #x, &err))

void say(const char *fmt, ...) _printf_(1, 2);

/* Ends the program with 77 and the reason where the driver or an image is missing. */
void fixture_open(struct fixture *f);
/* Removes the state folder; nothing may be mounted in it. */
void fixture_close(struct fixture *f);

/* A plan and an empty folder; nothing is created. The name is NAME with the fixture's own random
 * end, so that tests may run beside each other. */
struct test_lab lab_open(struct fixture *f, const char *name);
void lab_close(struct test_lab *lab);

/* create() from the image, or from STAGE when that is not NULL. */
bool lab_create(const struct test_lab *lab, struct driver *d, const char *stage,
    struct lr_error *err) _must_check_;
bool lab_destroy(const struct test_lab *lab, struct lr_error *err) _must_check_;

/* A new empty folder for a stage; owned. */
char *stage_folder(const struct fixture *f, const char *name);

/* Runs COMMAND on a node over ssh, dialling afresh, within a minute; gives its exit status (-1 when
 * it has none) and, unless NULL, its output; owned. */
int lab_ssh(const struct test_lab *lab, size_t node, const char *command, char **ret_out);
/* Until every node answers ssh; milliseconds. */
int64_t lab_answers(const struct test_lab *lab);

/* All that is left of a lab anywhere on the host, one thing a line; "" when nothing is. Owned. */
char *lab_leftovers(const struct test_lab *lab);

#endif
