/* From an attempt's events to what a report tells of them: time line, hints, recordings. */
#ifndef LABRUN_LAB_HISTORY_H
#define LABRUN_LAB_HISTORY_H

#include "graders/score.h"
#include "record/attempt.h"

/* Fills the time line, the recordings and the hints of R, which has none of them yet. */
bool history_fill(struct attempt *a, struct score_report *r, struct lr_error *err) _must_check_;

/* Takes the time line and the recordings anew, up to this moment. The hints stay those of the
 * grade: they are in its score. */
bool history_refresh(struct attempt *a, struct score_report *r, struct lr_error *err) _must_check_;

#endif
