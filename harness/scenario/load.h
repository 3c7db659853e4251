/* What the parts of the loader share; private to scenario/.
 *
 * scenario.yaml -> value.c -> load.c's table, which calls one reader after the other in the table's
 * order: networks before the nodes on them, nodes before whatever runs on one, checks before what
 * names them. So each reference is looked up, and its mistake reported, where it stands. */
#ifndef LABRUN_SCENARIO_LOAD_H
#define LABRUN_SCENARIO_LOAD_H

#include "scenario/model.h"
#include "util/hash.h"
#include "util/mem.h"

#define STEP_TIMEOUT_MS  (5 * 60 * 1000)
#define CHECK_TIMEOUT_MS (30 * 1000)
#define HOUR_MS          (3600 * 1000)

struct loader {
    struct scenario *sc; /* what is being built */
    const struct scenario_opts *opts;
};

static inline struct loader *loader_of(const struct reader *r)
{
    return r->context;
}

/* A row whose reader is given the whole struct. */
#define FIELD_WHOLE(k, rd, f, ...)                                                                 \
    {                                                                                              \
        .key = (k), .type = FIELD_T_CUSTOM, .flags = (f), .read = (rd), __VA_ARGS__                \
    }

/* The loader without its folder: DIR may be NULL, and no file is looked at then. *ret is set
 * whatever was found, to be freed; it is sound when PROBLEMS is still empty. */
void scenario_read(const char *text, size_t len, const char *dir, const struct scenario_opts *opts,
    struct problems *problems, struct scenario **ret);

/* Readers for rows of tables; those for lists and maps of the top level are given the scenario. */
void read_networks(struct reader *r, const struct value *v, void *scenario);
void read_nodes(struct reader *r, const struct value *v, void *scenario);
void read_image(struct reader *r, const struct value *v, void *member);    /* char * */
void read_node_ref(struct reader *r, const struct value *v, void *member); /* size_t */
void read_script(struct reader *r, const struct value *v, void *member);   /* char * */
void read_steps(struct reader *r, const struct value *v, void *member);    /* struct steps */
void read_faults(struct reader *r, const struct value *v, void *scenario);
void read_solutions(struct reader *r, const struct value *v, void *scenario);
void read_cheats(struct reader *r, const struct value *v, void *scenario);
void read_hints(struct reader *r, const struct value *v, void *scenario);
void read_checks(struct reader *r, const struct value *v, void *scenario);
void read_guards(struct reader *r, const struct value *v, void *scenario);
void read_ready(struct reader *r, const struct value *v, void *scenario);
void read_baseline(struct reader *r, const struct value *v, void *member); /* struct baseline */

void read_kits(struct reader *r, const struct value *v, void *member); /* struct strv */

/* Reads a list of ids into *RET, each of which must be that of a check, or, with GUARDS, of a
 * guard. */
void read_check_ids(
    struct reader *r, const struct value *v, const char *key, bool guards, struct strv *ret);

/* The folder of FILE's kit is not there, which has been told of by read_kits(). */
bool is_of_missing_kit(const struct scenario *sc, const char *file);
/* The contents of SC's kits. */
bool hasher_add_kits(struct hasher *h, const struct scenario *sc, struct lr_error *err)
    _must_check_;

/* briefing.md is there and says something; what it says of parameters is looked at by the second,
 * when those are known. */
void check_briefing(struct reader *r, const struct scenario *sc);
void check_briefing_text(struct reader *r, const struct scenario *sc);

/* Reads `parameters` and `variants` of the whole file and draws the values for SC's seed. */
void read_parameters(struct reader *r, const struct value *root, struct scenario *sc);
void check_parameters(struct reader *r, const struct value *v, void *scenario);
void check_variants(struct reader *r, const struct value *v, void *scenario);
/* Puts the values in wherever the file says ${NAME}. */
void substitute(struct reader *r, struct value *root, const struct scenario *sc);
/* The same in a text of lines. False, with the line and what is wrong (owned), when it names what
 * is no parameter. */
bool text_expand(
    const struct scenario *sc, const char *text, char **ret, int *ret_line, char **ret_why);
/* Reports, at V, what a script names that is no parameter. */
void check_script_parameters(struct reader *r, const struct value *v, const struct scenario *sc,
    const char *text, size_t len);

/* Each adds to DEFS, "$defs" of the schema, what its readers read. */
void nodes_schema(json_t *defs);
void steps_schema(json_t *defs);
void actors_schema(json_t *defs);
void checks_schema(json_t *defs);
void grading_schema(json_t *defs);
void probe_schema(json_t *defs, const struct scenario_opts *opts);
void parameters_schema(json_t *defs);
/* Lets a parameter stand wherever substitute() puts one; after all others. */
void substitute_schema(json_t *defs);
json_t *top_schema(void); /* the map of the whole file */
/* A list of MIN to MAX items that each fit the definition REF; a map of as many, whose keys fit
 * PATTERN. Owned by the caller. */
json_t *list_schema(const char *ref, int min, int max);
json_t *map_schema(const char *pattern, const char *ref, int min, int max);

#define REF(name) "{\"$ref\": \"#/$defs/" name "\"}"

#endif
