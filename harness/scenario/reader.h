/* The table-driven reader: a map in YAML into a C struct.
 *
 *   static const struct field fields[] = {
 *       FIELD_STRING("title", struct thing, title, FIELD_REQUIRED),
 *       FIELD_SIZE_MIB("memory", struct thing, memory_mib, 0),
 *       FIELD_CUSTOM("disks", struct thing, disks, read_disks, 0),
 *   };
 *   read_map(r, value, fields, N_FIELDS(fields), &thing);
 *
 * Every mistake is reported and reading goes on, so that one run shows all of them. Unknown keys
 * get a "did you mean". A reader function returns nothing: whether the file was sound is asked
 * once, at the end, from the problems. The same tables print the JSON Schema (schema.c). */
#ifndef LABRUN_SCENARIO_READER_H
#define LABRUN_SCENARIO_READER_H

#include "scenario/value.h"
#include <stddef.h>
#include <stdint.h>

/* What a reader function needs beside the value. */
struct reader {
    struct problems *problems;
    void *context; /* for custom readers: what is being built; read_map hands it through */
};

enum field_flags { FIELD_OPTIONAL = 0, FIELD_REQUIRED = 1 };

enum field_type {
    FIELD_T_STRING,   /* char *, owned; one line, not empty, at most MAX characters (0: 1024) */
    FIELD_T_TEXT,     /* char *, owned; may be empty or of several lines; MAX as above (0: 65536) */
    FIELD_T_ID,       /* char *, owned; [a-z0-9][a-z0-9-]*, at most 32 characters */
    FIELD_T_PATH,     /* char *, owned; relative, inside the folder, no .. */
    FIELD_T_BOOL,     /* bool; true or false only */
    FIELD_T_INT,      /* int64_t within [min, max] */
    FIELD_T_NUMBER,   /* double within [min, max] */
    FIELD_T_DURATION, /* int64_t milliseconds: 500ms, 10s, 5m, 2h */
    FIELD_T_SIZE_MIB, /* int64_t MiB: 384M, 1G */
    FIELD_T_ENUM,     /* int, index into NAMES */
    FIELD_T_STRINGS,  /* struct strv; a list of scalars, or one scalar; at most 256 */
    FIELD_T_CUSTOM    /* READ decides */
};

struct field {
    const char *key;
    enum field_type type;
    int flags;
    size_t offset; /* of the member in the struct that is filled */
    /* FIELD_T_INT, FIELD_T_NUMBER, FIELD_T_DURATION (ms), FIELD_T_SIZE_MIB; both 0: any >= 0 */
    int64_t min, max;
    const char *const *names; /* FIELD_T_ENUM: NULL-terminated */
    void (*read)(struct reader *r, const struct value *v, void *member);
    const char *schema; /* FIELD_T_CUSTOM: JSON Schema of the value, as JSON text */
    const char *help;   /* one line for docs and the schema */
};

#define N_FIELDS(f) (sizeof(f) / sizeof((f)[0]))

/* Rows of a table. What stands after FLAGS are designated initialisers: .min = 1, .max = 9,
 * .help = "…". */
#define FIELD_ROW(k, t, s, m, f, ...)                                                              \
    {                                                                                              \
        .key = (k), .type = (t), .flags = (f), .offset = offsetof(s, m), __VA_ARGS__               \
    }
#define FIELD_STRING(k, s, m, ...)   FIELD_ROW(k, FIELD_T_STRING, s, m, __VA_ARGS__)
#define FIELD_TEXT(k, s, m, ...)     FIELD_ROW(k, FIELD_T_TEXT, s, m, __VA_ARGS__)
#define FIELD_ID(k, s, m, ...)       FIELD_ROW(k, FIELD_T_ID, s, m, __VA_ARGS__)
#define FIELD_PATH(k, s, m, ...)     FIELD_ROW(k, FIELD_T_PATH, s, m, __VA_ARGS__)
#define FIELD_BOOL(k, s, m, ...)     FIELD_ROW(k, FIELD_T_BOOL, s, m, __VA_ARGS__)
#define FIELD_INT(k, s, m, ...)      FIELD_ROW(k, FIELD_T_INT, s, m, __VA_ARGS__)
#define FIELD_NUMBER(k, s, m, ...)   FIELD_ROW(k, FIELD_T_NUMBER, s, m, __VA_ARGS__)
#define FIELD_DURATION(k, s, m, ...) FIELD_ROW(k, FIELD_T_DURATION, s, m, __VA_ARGS__)
#define FIELD_SIZE_MIB(k, s, m, ...) FIELD_ROW(k, FIELD_T_SIZE_MIB, s, m, __VA_ARGS__)
#define FIELD_STRINGS(k, s, m, ...)  FIELD_ROW(k, FIELD_T_STRINGS, s, m, __VA_ARGS__)
#define FIELD_ENUM(k, s, m, nm, ...) FIELD_ROW(k, FIELD_T_ENUM, s, m, __VA_ARGS__, .names = (nm))
/* The member is given to RD as void *; its schema is `.schema = "…"` (none: anything). */
#define FIELD_CUSTOM(k, s, m, rd, ...) FIELD_ROW(k, FIELD_T_CUSTOM, s, m, __VA_ARGS__, .read = (rd))

/* Fills OUT from the map V. What the map does not say stays as the caller has set it: zero, or the
 * default (a default of an owned type must be set after reading). V may be of any type: what is not
 * a map is reported. */
void read_map(
    struct reader *r, const struct value *v, const struct field *fields, size_t n, void *out);
/* One scalar or list by the rules of F into MEMBER. */
void read_field(struct reader *r, const struct value *v, const struct field *f, void *member);
/* Frees what read_map allocated in OUT for all but custom fields. */
void free_map(const struct field *fields, size_t n, void *out);

/* Reports "'KEY': expected WHAT, got …" at V; KEY may be NULL. For custom readers. */
void read_expected(struct reader *r, const struct value *v, const char *key, const char *what);
/* True when V is a list of MIN to MAX items; otherwise that is reported. */
bool read_is_list(struct reader *r, const struct value *v, const char *key, size_t min, size_t max);
/* True when V is a map; otherwise that is reported. */
bool read_is_map(struct reader *r, const struct value *v, const char *key);
/* Reports KEY, an unknown one; with what was meant, if one of N known names is close. WHAT says
 * what kind of word it is: "key", "probe kind", "node". */
void read_unknown(struct reader *r, const struct value *at, const char *what, const char *word,
    const char *const *known, size_t n);

/* "10s" -> 10000. False when the text is not a duration. */
bool parse_duration(const char *text, int64_t *ret_ms);
bool parse_size_mib(const char *text, int64_t *ret_mib);

/* The JSON Schema object of a map read with these fields. Reference owned by the caller. */
json_t *fields_schema(const struct field *fields, size_t n);
/* The JSON Schema of one field's value. Reference owned by the caller. */
json_t *field_schema(const struct field *f);
/* True when text without quotes is text to YAML too, not a number, true, false or null. */
bool plain_is_text(const char *text);

#endif
