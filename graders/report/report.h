/* Forms of a score report. Pure functions of struct score_report. */
#ifndef LABRUN_GRADERS_REPORT_H
#define LABRUN_GRADERS_REPORT_H

#include "graders/score.h"
#include "util/error.h"
#include <jansson.h>

/* The score file. Reference owned by the caller. */
json_t *score_to_json(const struct score_report *r);
/* Reads a score file back; every field is checked. RET is to be freed with score_report_free(). */
bool score_from_json(json_t *j, struct score_report *ret, struct lr_error *err) _must_check_;

struct text_opts {
    bool colour;   /* ANSI colours */
    bool evidence; /* of every check, not only of those that did not pass */
    int width;     /* columns of a terminal; 0: no terminal: as for 80, but no line is broken */
    const char *folder; /* of the attempt: then recordings are named; NULL: they are not */
};

/* Each returns a whole document, owned by the caller. */
char *report_text(const struct score_report *r, const struct text_opts *opts);
char *report_junit(const struct score_report *r);
char *report_tap(const struct score_report *r, int version); /* 14; or 13, for old readers */
char *report_html(const struct score_report *r);

/* Differences and what could not be told, as lines for a terminal; "" when nothing is known or what
 * is known is hidden. Owned. */
char *report_collateral_text(const struct collateral *c);
/* "70 of 100 points, 70 % (pass mark 70 %): passed"; owned. */
char *report_summary(const struct score_report *r);
/* TEXT fit for a terminal and for XML: control characters but line breaks and tabs, marks that turn
 * the direction of text, and what is not UTF-8, become U+FFFD. Evidence is so already, but a stored
 * score may have been edited. Owned. */
char *plain_text(const char *text);
/* What was drawn, "seed 7: victim=ceph2, out=ceph3"; owned. NULL when nothing was. */
char *draw_text(const json_t *draw);
/* Points as people write them: 40, 12.5; owned. */
char *format_points(double points);

#endif
