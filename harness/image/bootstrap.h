/* From a definition to a root file system: runs mmdebstrap, keeps its log, tells how far it is. */
#ifndef LABRUN_IMAGE_BOOTSTRAP_H
#define LABRUN_IMAGE_BOOTSTRAP_H

#include "image/definition.h"

struct bootstrap {
    const struct definition *def;
    const char *root;  /* does not exist yet; its folder does */
    const char *cache; /* folder of packages kept between builds; exists */
    const char *log;   /* file that gets all that the tools say */
};

/* Makes the root file system: packages, preseeds, hooks; no trace of the mirror in it. */
bool bootstrap_run(const struct bootstrap *b, struct lr_error *err) _must_check_;

/* For a line of mmdebstrap's output: what stage of the work begins there, as people would say it,
 * or NULL. Hooks are told by number: *ret_hook is set for them only. Pure. */
const char *bootstrap_stage(const char *line, bool *ret_hook);

/* What went wrong, from the last lines of a failed run's output. Sets ERR; pure. Returns false. */
bool bootstrap_explain(const char *tail, const char *log, struct lr_error *err);

#endif
