/* Expectations of a text, as scenario.yaml writes them for stdout, stderr, files and answers:
 *
 *   {equals: TEXT, contains: [TEXT…], lacks: [TEXT…], matches: REGEX,
 *    json: [{path: .a.b, equals|not: VALUE, min|max: NUMBER, contains: VALUE, exists: BOOL}]} */
#ifndef LABRUN_GRADERS_EXPECT_H
#define LABRUN_GRADERS_EXPECT_H

#include "graders/probes/node.h"

struct json_rule {
    char *path;
    json_t *equals;
    json_t *not_equals;
    json_t *contains;
    double min;
    double max;
    bool has_min;
    bool has_max;
    bool exists;
};

struct text_rule {
    bool given; /* the scenario says something about this text */
    char *equals;
    struct strv contains;
    struct strv lacks;
    char *matches; /* POSIX extended; ^ and $ match at line ends */
    struct json_rule *json;
    size_t n_json;
};

/* Custom reader of a struct text_rule. A plain scalar is short for {equals: …}. */
void read_text_rule(struct reader *r, const struct value *v, void *member);
json_t *text_rule_schema(void);
void text_rule_free(struct text_rule *rule);

/* Adds what RULE expects of the text NAME to the tally. False, with O set to an error, when the
 * text cannot be judged: it should be JSON and is not. */
bool text_rule_check(const struct text_rule *rule, const char *name, const char *text, size_t len,
    struct tally *t, struct outcome *o) _must_check_;

/* A YAML value as JSON: true, false, null and numbers without quotes are what they look like. */
json_t *value_to_json(const struct value *v);

/* VALUE as short text for evidence; owned. */
char *json_brief(const json_t *value);

#endif
