/* Making stages warm: image -> healthy -> broken, each by running a lab and freezing it. */
#ifndef LABRUN_LAB_BUILD_H
#define LABRUN_LAB_BUILD_H

#include "lab/host.h"
#include "stage/stage.h"

/* What a lab can be cloned from. Nothing of it is removed while it is held. */
struct warm {
    bool held;
    int hold_fd;
    char **image_dirs; /* one for each node, owned */
    char **image_keys;
    size_t n_nodes;
    struct stage_keys keys;
    struct scripts scripts; /* read for the keys */
};

enum stage_kind { STAGE_OF_HEALTHY, STAGE_OF_BROKEN };

/* Builds what is missing up to and including KIND: images, the healthy stage, the broken stage with
 * the chosen FAULTS (indices; NULL: all). Progress through util/log. */
bool build_warm(const struct host *h, const struct scenario *sc, enum stage_kind kind,
    const size_t *faults, size_t n_faults, struct warm *ret, struct lr_error *err) _must_check_;
void warm_free(struct warm *w);
#define _warm_ _cleanup_(warm_free)

/* The driver's source for a lab cloned from KIND; STAGE_DIRS is an owned list that must outlive
 * the source. */
void warm_source(const struct host *h, const struct warm *w, enum stage_kind kind,
    struct strv *stage_dirs, struct driver_source *ret);

/* The keys alone: nothing is built. Fails when an image's definition cannot be read. */
bool build_keys(const struct host *h, const struct scenario *sc, struct stage_keys *ret,
    struct lr_error *err) _must_check_;

/* Whose broken stage is there already: RET has a place for each variant; how many. Builds nothing;
 * a variant whose image is not defined is not warm. */
size_t build_find_warm(const struct host *h, const struct variants *all, bool *ret);

#endif
