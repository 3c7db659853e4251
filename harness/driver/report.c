#include "driver/driver.h"

void driver_finding_add(
    struct driver_report *r, enum finding_level level, const char *what, const char *mend)
{
    struct driver_finding *f = array_append(r->findings, r->n_findings);
    f->level = level;
    f->what = xstrdup(what);
    f->mend = xstrdup(mend);
}

void driver_report_free(struct driver_report *r)
{
    for (size_t i = 0; i < r->n_findings; i++) {
        free(r->findings[i].what);
        free(r->findings[i].mend);
    }
    free(r->findings);
    free(r->why_not);
    strv_free(&r->offers);
    *r = (struct driver_report){0};
}
