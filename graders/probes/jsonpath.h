/* Finding a value in a JSON answer: ".health.status", ".osds[0].up", ".\"key with dots\".x", "." */
#ifndef LABRUN_GRADERS_JSONPATH_H
#define LABRUN_GRADERS_JSONPATH_H

#include "util/cleanup.h"
#include <stdbool.h>

bool json_path_valid(const char *path);
/* Borrowed, or NULL when there is nothing at that path. A negative index counts from the end. */
json_t *json_path_get(json_t *root, const char *path);

#endif
