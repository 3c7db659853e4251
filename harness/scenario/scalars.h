/* The meaning of plain text, for reader.c and fields_schema.c; private to scenario/. What the JSON
 * Schema says as a pattern stands here beside the function that says it in C. */
#ifndef LABRUN_SCENARIO_SCALARS_H
#define LABRUN_SCENARIO_SCALARS_H

#include "scenario/reader.h"

#define PATTERN_ID       "^[a-z0-9][a-z0-9-]{0,31}$"
#define PATTERN_PATH     "^[A-Za-z0-9_][A-Za-z0-9._+-]*(/[A-Za-z0-9_][A-Za-z0-9._+-]*)*$"
#define PATTERN_DURATION "^(0|[1-9][0-9]*)(ms|s|m|h)$"
#define PATTERN_SIZE     "^(0|[1-9][0-9]*)[MGT]$"
#define PATTERN_LINE     "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
#define PATTERN_TEXT     "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$"
#define MAX_ID           32
#define MAX_PATH         255
#define MAX_LINE         1024
#define MAX_TEXT         65536
#define MAX_STRINGS      256

/* -12 or 12, no leading zeros, nothing after. */
bool parse_int(const char *text, int64_t *ret);
/* -1.25 or 1.25, at most nine decimals. */
bool parse_number(const char *text, double *ret);

/* "90s" from 90000, "2h" from 7200000; "1G" from 1024. Owned by the caller. */
char *duration_text(int64_t ms);
char *size_text(int64_t mib);

/* What text without quotes is to YAML 1.2's core schema, which editors go by. */
bool plain_is_null(const char *text);
bool plain_is_bool(const char *text);

bool is_id(const char *s);
bool is_path(const char *s);
/* Printable text of at most MAX characters; line breaks and tabs only with LINES. */
bool is_text(const char *s, bool lines, int64_t max);

#endif
