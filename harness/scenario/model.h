/* The model of a scenario: what scenario.yaml says, checked, and const after loading.
 * References are resolved to indices; every name is owned by the struct. */
#ifndef LABRUN_SCENARIO_MODEL_H
#define LABRUN_SCENARIO_MODEL_H

#include "scenario/reader.h"
#include "scenario/scripts.h"
#include "util/mem.h"

#define SCENARIO_MAX_NODES      32
#define SCENARIO_MAX_NETWORKS   16
#define SCENARIO_MAX_CHECKS     200 /* checks and guards together */
#define SCENARIO_MAX_DISKS      8   /* of a node: images/hooks/disks.sh names as many */
#define SCENARIO_MAX_ADDRS      8   /* of a node on one network */
#define SCENARIO_MAX_STEPS      64  /* of one list */
#define SCENARIO_MAX_FAULTS     50
#define SCENARIO_MAX_HINTS      20
#define SCENARIO_MAX_TRIES      50 /* solutions; and cheats */
#define SCENARIO_MAX_PARAMETERS 24
#define SCENARIO_MAX_VARIANTS   16
#define SCENARIO_KITS           "kits" /* the folder, beside scenarios', that kits are in */
#define SCENARIO_MAX_SCRIPT     ((size_t)1 << 20) /* bytes of a script or briefing */

/* Where in the file something was said; for messages. */
struct at {
    int line;
    int col;
};

struct address {
    int family;              /* AF_INET or AF_INET6 */
    unsigned char bytes[16]; /* network order; 4 or 16 used */
    unsigned prefix;         /* length of the prefix, bits */
    char text[64];           /* "10.20.0.11/24" as normalised by inet_ntop */
};

struct network {
    char *name;
    int64_t mtu; /* bytes; 1500 if not said */
};

/* A node's interface on a network. */
struct nic {
    size_t network; /* index into networks */
    struct address *addresses;
    size_t n_addresses;
};

struct node {
    char *name;
    struct at at;
    bool witness;       /* the candidate has no access */
    char *image;        /* name of the image; the scenario's unless the node says otherwise */
    int64_t memory_mib; /* default 512 */
    int64_t vcpus;      /* default 1 */
    int64_t *disks_mib; /* extra block devices, in the order of /lab/disk0, /lab/disk1 … */
    size_t n_disks;
    struct nic *nics;
    size_t n_nics;
};

/* A script of the scenario's folder and the node it runs on as root. */
struct step {
    size_t node;
    char *script;       /* path in the scenario's folder; executable */
    int64_t timeout_ms; /* default 5 minutes */
    struct at at;
};

struct steps {
    struct step *items;
    size_t n;
};

struct fault {
    char *id;
    char *title; /* NULL if not said */
    char *skill;
    struct steps steps;
};

struct hint {
    double cost; /* points */
    char *text;
};

struct probe_kind; /* graders/probe.h; known here only as a name and a parser */

/* One measurement and what is expected of it. PARAMS belong to the kind. */
struct probe_spec {
    const struct probe_kind *kind;
    void *params;
    void (*free_params)(void *params);
    struct at at;
};

enum check_when { WHEN_NOW, WHEN_AFTER_REBOOT, WHEN_THROUGHOUT };

struct check {
    char *id;
    char *title;
    char *skill;   /* NULL for a guard without one */
    double points; /* 0 for guards */
    size_t node;   /* where the probe runs */
    enum check_when when;
    struct probe_spec probe;
    int64_t within_ms;  /* may take so long to become true; 0: must be true at once */
    int64_t hold_ms;    /* and must then stay true for so long */
    int64_t timeout_ms; /* one try of the probe; default 30 s */
    double caps;        /* guards: the highest percentage of the score when broken */
    bool tells;         /* its node or its probe was drawn, and its title says nothing of that */
    struct at at;
};

struct checks {
    struct check *items;
    size_t n;
};

/* What must be true of a stage before it is frozen or a lab is handed over. */
struct ready {
    struct checks healthy;
    struct checks broken;
};

struct solution {
    char *id;
    struct steps steps;
};

struct cheat {
    char *id;
    struct steps steps;
    double max_percent;    /* at most this score; default: below the pass mark */
    struct strv must_fail; /* ids of checks or guards that must not pass */
};

/* What differs from one candidate to the next, as it was drawn. */
struct parameter {
    char *name;
    char *value;
};

/* What a freshly broken lab scores. */
struct baseline {
    bool given;
    struct strv fails; /* exactly these checks fail; all others pass */
};

enum difficulty { DIFFICULTY_JUNIOR, DIFFICULTY_INTERMEDIATE, DIFFICULTY_SENIOR };

struct scenario {
    char *name;   /* of the folder */
    char *dir;    /* absolute */
    char *digest; /* SHA-256 of the contents of the folder and its kits, 64 hex digits */
    char *title;
    char *summary; /* one line for `labrun list`; NULL if not said */
    enum difficulty difficulty;
    int64_t time_limit_ms;
    double pass_mark; /* per cent */
    char *image;
    struct network *networks;
    size_t n_networks;
    struct node *nodes;
    size_t n_nodes;
    struct strv needs;
    struct strv kits;        /* names of those whose scripts it runs */
    struct scripts *scripts; /* while it is loaded: those read so far; NULL afterwards */
    struct steps healthy;
    struct fault *faults;
    size_t n_faults;
    struct ready ready;
    struct hint *hints;
    size_t n_hints;
    struct checks checks;
    struct checks guards;
    struct baseline baseline;
    struct solution *solutions;
    size_t n_solutions;
    struct cheat *cheats;
    size_t n_cheats;
    double max_points; /* sum of the checks' points */
    struct parameter *parameters;
    size_t n_parameters;
    int64_t variants; /* how many draws there are; 1 without parameters */
    int64_t seed;     /* as it was given */
    int64_t variant;  /* seed modulo variants: what the values were drawn from */
};

/* What the loader must know of probe kinds; graders/ hands it in, so that scenario/ does not
 * depend on what is above it. */
struct probe_kind_info {
    const char *name;
    const struct probe_kind *kind;
    /* Reads the value of `probe: {NAME: value}`; problems go to R. Returns owned parameters. */
    void *(*parse)(struct reader *r, const struct value *v, const struct scenario *sc);
    void (*free_params)(void *params);
    json_t *(*schema)(void); /* JSON Schema of the value; reference owned by the caller */
};

struct scenario_opts {
    const struct probe_kind_info *kinds;
    size_t n_kinds;
    const struct strv *images; /* names of those that there are, borrowed; NULL: not checked */
    int64_t seed;              /* of the parameters, 0 or more */
};

/* Loads and checks DIR/scenario.yaml. Every mistake goes to PROBLEMS; true when there were none and
 * *ret is set (scenario_free). ERR is for what is not the file's fault (it cannot be read). When it
 * returns false with err untouched, PROBLEMS says why. */
bool scenario_load(const char *dir, const struct scenario_opts *opts, struct problems *problems,
    struct scenario **ret, struct lr_error *err) _must_check_;
void scenario_free(struct scenario *sc);

/* A scenario as each of its variants, by their number; one without parameters has one. */
struct variants {
    struct scenario **items;
    size_t n;
};
/* scenario_load() of them all, whatever the seed of OPTS, with the file and the scripts read once.
 */
bool scenario_load_variants(const char *dir, const struct scenario_opts *opts,
    struct problems *problems, struct variants *ret, struct lr_error *err) _must_check_;
void variants_free(struct variants *v);
#define _variants_ _cleanup_(variants_free)
/* False when the folder or a kit is not any more what it was when SC was loaded: what long work did
 * with its scripts meanwhile is of no one version. */
bool scenario_unchanged(const struct scenario *sc, struct lr_error *err) _must_check_;

/* Adds to PROBLEMS what is wrong with the other variants of SC, which was loaded with OPTS; such a
 * finding says which variant it is of. */
bool scenario_check_variants(const struct scenario *sc, const struct scenario_opts *opts,
    struct problems *problems, struct lr_error *err) _must_check_;

static inline void cleanup_scenario(struct scenario **sc)
{
    scenario_free(*sc);
}
#define _scenario_ _cleanup_(cleanup_scenario)

/* Finds "scenario/NAME" along LABRUN_SCENARIO_PATH, the installed folder, ./scenarios; or takes a
 * path. *ret_dir is absolute and owned. Unknown names say which are known and what was meant. */
bool scenario_find(const char *ref, char **ret_dir, struct lr_error *err) _must_check_;
/* Folders of all scenarios that can be found, absolute, sorted by name, first on the path wins. */
bool scenario_list(struct strv *ret_dirs, struct lr_error *err) _must_check_;

/* The JSON Schema of scenario.yaml. Reference owned by the caller. */
json_t *scenario_schema(const struct scenario_opts *opts);

/* The value of a parameter, or NULL. */
const char *scenario_parameter(const struct scenario *sc, const char *name);
/* {"seed", "variant", "variants", "parameters": {NAME: value}}, or NULL when there is nothing to
 * draw. Reference owned by the caller. */
json_t *scenario_draw_json(const struct scenario *sc);
/* Adds "LABRUN_PARAM_NAME=value" for each parameter that the text of a script names: its part of
 * the script's environment. Values have no line breaks and no control characters. */
void scenario_script_parameters(
    const struct scenario *sc, const char *text, size_t len, struct strv *ret);
/* The candidate's task, with the values in it; owned. */
bool scenario_briefing(const struct scenario *sc, char **ret, struct lr_error *err) _must_check_;

/* Where a script or another file that the scenario names is: in its folder, or in the kit that the
 * file's first folder names. Owned. */
char *scenario_path(const struct scenario *sc, const char *file);
/* Where a kit, or a file of one, is: PATH is "KIT" or "KIT/FILE". Owned. */
char *scenario_kit_path(const struct scenario *sc, const char *path);

/* Index of a node by name; -1 if there is none. */
int scenario_node(const struct scenario *sc, const char *name);

/* For the parsers of probe kinds: reports, at V, a script that is not a plain, executable,
 * non-empty file in the scenario's folder or its kits, and is false then; *ret_text (may be NULL)
 * is what is in it, owned. */
bool scenario_check_script(
    struct reader *r, const struct value *v, const struct scenario *sc, char **ret_text);
/* Reports, at V, a node that does not exist (-1 then). */
int scenario_check_node(struct reader *r, const struct value *v, const struct scenario *sc);

#endif
