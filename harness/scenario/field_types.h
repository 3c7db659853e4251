/* The types of fields as a table, for reader.c; private to scenario/. */
#ifndef LABRUN_SCENARIO_FIELD_TYPES_H
#define LABRUN_SCENARIO_FIELD_TYPES_H

#include "scenario/reader.h"

/* How YAML itself must see the scalar, so that the schema and the reader agree: as text (which 12
 * without quotes is not), or as a plain word (which "12" with quotes is not). */
enum form { FORM_ANY, FORM_TEXT, FORM_PLAIN };

struct type_ops {
    enum form form;
    /* Converts S into MEMBER; false when it does not fit. NULL: read_field does it. */
    bool (*get)(const char *s, const struct field *f, void *member);
    char *(*say)(const struct field *f); /* what is expected, for messages; owned by the caller */
};

extern const struct type_ops field_types[]; /* by enum field_type; none for FIELD_T_CUSTOM */

#endif
