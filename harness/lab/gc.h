/* What nobody needs any more. */
#ifndef LABRUN_LAB_GC_H
#define LABRUN_LAB_GC_H

#include "scenario/model.h"

/* Undoes labs whose command was killed; removes domains and networks that are ours and belong to no
 * lab; logs that are old; stages that neither a lab nor one of SCENARIOS (N of them) leads to;
 * images likewise. What was removed is named in ret_removed. DRY: only listed. */
bool gc_run(const char *state_dir, const struct scenario *const *scenarios, size_t n, bool dry,
    struct strv *ret_removed, struct lr_error *err) _must_check_;

/* A lab that stands on the stage; *RET_LAB (owned) is NULL where there is none. */
bool gc_user_of_stage(const char *state_dir, const char *key, char **ret_lab, struct lr_error *err)
    _must_check_;

#endif
