/* What every JUnit document of ours has in common: the attributes and elements that the published
 * schema of Ant's reports requires, whatever the test cases are. */
#ifndef LABRUN_GRADERS_JUNIT_WRITER_H
#define LABRUN_GRADERS_JUNIT_WRITER_H

#include "util/mem.h"
#include <libxml/xmlwriter.h>
#include <stdint.h>

struct junit {
    xmlBufferPtr buffer;
    xmlTextWriterPtr w;
    size_t n_suites;
};

struct junit_suite {
    const char *name;
    const char *host;    /* NULL or empty: "localhost" */
    int64_t wall_ms;     /* when it ran */
    int64_t duration_ms; /* all test cases together */
    size_t tests;
    size_t failures;
    size_t errors;
    size_t skipped;
};

/* Everything in between aborts when there is no memory, as xmalloc() does. */
void junit_begin(struct junit *j);
char *junit_end(struct junit *j); /* the whole document; owned by the caller */

/* <testsuite> with its <properties>, which stay open for junit_property() until the first test
 * case. */
void junit_suite_begin(struct junit *j, const struct junit_suite *s);
void junit_property(struct junit *j, const char *name, const char *value);
void junit_properties_end(struct junit *j);
void junit_suite_end(struct junit *j);

void junit_case_begin(struct junit *j, const char *class, const char *name, int64_t duration_ms);
/* In a test case: <failure>, <error> or <skipped>. TYPE and TEXT may be NULL for <skipped>. */
void junit_finding(
    struct junit *j, const char *element, const char *type, const char *message, const char *text);
void junit_case_end(struct junit *j);

#endif
