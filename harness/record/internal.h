/* What the files of record/ share among themselves. */
#ifndef LABRUN_RECORD_INTERNAL_H
#define LABRUN_RECORD_INTERNAL_H

#include "record/attempt.h"

/* The attempt in a folder. */
bool attempt_load(const char *dir, struct attempt **ret, struct lr_error *err) _must_check_;

bool attempt_save(const struct attempt *a, struct lr_error *err) _must_check_;
/* Takes the last grade's numbers from the score file (or a part of it with the same names). */
void attempt_read_summary(struct attempt *a, const json_t *j);
/* Takes the attempt's lock, reads attempt.json anew, and completes a grade that was cut short. */
bool attempt_begin_change(struct attempt *a, int *ret_lock, struct lr_error *err) _must_check_;

bool write_json(const char *path, const json_t *j, struct lr_error *err) _must_check_;
bool read_json(const char *path, size_t cap, json_t **ret, struct lr_error *err) _must_check_;

#endif
