/* JSON that a node has written, and so perhaps a candidate. Pure. */
#ifndef LABRUN_GRADERS_ANSWER_H
#define LABRUN_GRADERS_ANSWER_H

#include "util/mem.h"
#include <jansson.h>

#define ANSWER_MAX_VALUES 100000 /* in one answer; a parsed one takes up to 250 bytes */

/* LEN bytes of JSON have no more values than that. */
bool answer_fits(const char *text, size_t len);

/* As json_loadb(), of what fits. Else NULL, with *ret_why to be freed: "is not JSON (…)", or "is
 * too long to be judged". */
json_t *answer_json(const char *text, size_t len, size_t flags, char **ret_why);

#endif
