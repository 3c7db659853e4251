/* One parameter as the file declares it: its kind, what it is drawn from, and which earlier ones it
 * must differ from or follow. */
#include "scenario/draw.h"
#include "scenario/load.h"
#include "scenario/scalars.h"
#include <sys/socket.h>

#define MAX_VALUE 200
#define SCALAR    "[\"string\", \"number\", \"boolean\"]"

/* What is read of one parameter; which of its keys are there is asked of the file. */
struct reading {
    struct declaration d;
    const struct declaration *earlier;
    size_t n_earlier;
};

/* A value is one line, and taken as it is written: 8080 needs no quotes to be text here. */
static bool read_one_value(struct reader *r, const struct value *v, const char *key)
{
    if (v->type == VALUE_SCALAR && *v->text && is_text(v->text, false, MAX_VALUE) &&
        (v->quoted || !plain_is_null(v->text)))
        return true;
    read_expected(r, v, key, "a text in one line of 1 to 200 characters");
    return false;
}

static void read_values(struct reader *r, const struct value *v, const char *key, struct strv *ret)
{
    if (!read_is_list(r, v, key, 2, PARAMETER_MAX_CHOICES))
        return;
    for (size_t i = 0; i < v->n; i++) {
        if (!read_one_value(r, &v->items[i], key))
            continue;
        if (strv_contains(ret, v->items[i].text))
            problems_add(
                r->problems, &v->items[i], "'%s': '%s' is named twice", key, v->items[i].text);
        else
            strv_add(ret, v->items[i].text);
    }
}

static void read_choice(struct reader *r, const struct value *v, void *whole)
{
    struct reading *p = whole;
    p->d.kind = PARAMETER_CHOICE;
    read_values(r, v, "choice", &p->d.choices);
}

/* Whether they are nodes is asked when those have been read: check_parameters(). */
static void read_node_choice(struct reader *r, const struct value *v, void *whole)
{
    struct reading *p = whole;
    p->d.kind = PARAMETER_NODE;
    read_values(r, v, "node", &p->d.choices);
}

static const struct field integer_fields[] = {
    FIELD_INT("min", struct declaration, min, FIELD_REQUIRED, .min = -PARAMETER_MAX_INT,
        .max = PARAMETER_MAX_INT, .help = "the lowest number"),
    FIELD_INT("max", struct declaration, max, FIELD_REQUIRED, .min = -PARAMETER_MAX_INT,
        .max = PARAMETER_MAX_INT, .help = "the highest number"),
};

static void read_integer(struct reader *r, const struct value *v, void *whole)
{
    struct declaration *d = &((struct reading *)whole)->d;
    d->kind = PARAMETER_INTEGER;
    size_t before = r->problems->n;
    read_map(r, v, integer_fields, N_FIELDS(integer_fields), d);
    if (r->problems->n == before && d->min >= d->max)
        problems_add(r->problems, v, "'max' must be more than 'min'");
}

static void read_name(struct reader *r, const struct value *v, void *whole)
{
    static const struct field length = {
        .key = "name", .type = FIELD_T_INT, .min = 3, .max = PARAMETER_MAX_NAME};
    struct reading *p = whole;
    p->d.kind = PARAMETER_NAME;
    read_field(r, v, &length, &p->d.length);
}

static void read_hex(struct reader *r, const struct value *v, void *whole)
{
    static const struct field length = {
        .key = "hex", .type = FIELD_T_INT, .min = 4, .max = PARAMETER_MAX_LENGTH};
    struct reading *p = whole;
    p->d.kind = PARAMETER_HEX;
    read_field(r, v, &length, &p->d.length);
}

/* An end of a range; the prefix is that of no network, it only makes the address one. */
static void read_end(struct reader *r, const struct value *v, struct address *ret)
{
    bool six = v->type == VALUE_SCALAR && strchr(v->text, ':');
    _free_ char *text =
        v->type == VALUE_SCALAR ? xasprintf("%s/%s", v->text, six ? "16" : "8") : xstrdup("");
    if (address_parse(text, ret))
        read_expected(r, v, NULL, "the address of a host, without a prefix, such as 10.20.0.100");
}

static void read_from(struct reader *r, const struct value *v, void *member)
{
    read_end(r, v, member);
}

static const struct field address_fields[] = {
    FIELD_CUSTOM("from", struct declaration, from, read_from, FIELD_REQUIRED,
        .schema = "{\"type\": \"string\", \"pattern\": \"^[0-9a-fA-F.:]+$\"}",
        .help = "the first address, without a prefix"),
    FIELD_CUSTOM("to", struct declaration, to, read_from, FIELD_REQUIRED,
        .schema = "{\"type\": \"string\", \"pattern\": \"^[0-9a-fA-F.:]+$\"}",
        .help = "the last address"),
};

static void read_range(struct reader *r, const struct value *v, void *whole)
{
    struct declaration *d = &((struct reading *)whole)->d;
    d->kind = PARAMETER_ADDRESS;
    size_t before = r->problems->n;
    read_map(r, v, address_fields, N_FIELDS(address_fields), d);
    if (r->problems->n != before)
        return;
    size_t n = d->from.family == AF_INET ? 4 : 16, same = n - (n == 4 ? 3 : 4);
    if (d->from.family != d->to.family)
        problems_add(r->problems, v, "'from' and 'to' are of two families");
    else if (memcmp(d->from.bytes, d->to.bytes, same) != 0)
        problems_add(
            r->problems, v, "'from' and 'to' are more than 2^%d addresses apart", n == 4 ? 24 : 32);
    else if (memcmp(d->from.bytes, d->to.bytes, n) >= 0)
        problems_add(r->problems, v, "'to' must come after 'from'");
}

/* The index of an earlier parameter, or -1 with a finding: in the order of the file, none can wait
 * for itself. */
static int find_earlier(struct reader *r, const struct value *v, const struct reading *p)
{
    const char *known[SCENARIO_MAX_PARAMETERS];
    for (size_t i = 0; i < p->n_earlier; i++) {
        known[i] = p->earlier[i].name;
        if (v->type == VALUE_SCALAR && streq(known[i], v->text))
            return (int)i;
    }
    if (v->type != VALUE_SCALAR)
        read_expected(r, v, NULL, "the name of a parameter");
    else
        read_unknown(r, v, "parameter further up", v->text, known, p->n_earlier);
    return -1;
}

static void read_follows(struct reader *r, const struct value *v, void *whole)
{
    struct reading *p = whole;
    p->d.kind = PARAMETER_FOLLOWS;
    int found = find_earlier(r, v, p);
    if (found < 0)
        return;
    p->d.follows = (size_t)found;
    enum parameter_kind kind = p->earlier[found].kind;
    if (kind != PARAMETER_CHOICE && kind != PARAMETER_NODE)
        problems_add(r->problems, v, "only a 'choice' or a 'node' can be followed");
}

static void read_as(struct reader *r, const struct value *v, void *whole)
{
    struct reading *p = whole;
    if (!read_is_map(r, v, "as"))
        return;
    for (size_t i = 0; i < v->n && i < PARAMETER_MAX_CHOICES; i++) {
        if (!read_one_value(r, &v->items[i], "as"))
            continue;
        strv_add(&p->d.when, v->keys[i].text);
        strv_add(&p->d.as, v->items[i].text);
    }
}

static void read_differs(struct reader *r, const struct value *v, void *whole)
{
    struct reading *p = whole;
    const struct value *items = v->type == VALUE_LIST ? v->items : v;
    size_t n = v->type == VALUE_LIST ? v->n : 1;
    for (size_t i = 0; i < n; i++) {
        int found = find_earlier(r, &items[i], p);
        if (found >= 0)
            *array_append(p->d.differs_from, p->d.n_differs_from) = (size_t)found;
    }
}

#define LIST_OF_VALUES                                                                             \
    "{\"type\": \"array\", \"minItems\": 2, \"maxItems\": 64, \"uniqueItems\": true, \"items\": "  \
    "{\"type\": " SCALAR "}}"

static const struct field parameter_fields[] = {
    FIELD_WHOLE("choice", read_choice, 0, .schema = LIST_OF_VALUES, .help = "one of these values"),
    FIELD_WHOLE(
        "node", read_node_choice, 0, .schema = LIST_OF_VALUES, .help = "one of these nodes"),
    FIELD_WHOLE("integer", read_integer, 0, .schema = REF("parameter-integer"),
        .help = "a whole number from min to max"),
    FIELD_WHOLE("name", read_name, 0,
        .schema = "{\"type\": \"integer\", \"minimum\": 3, \"maximum\": 32}",
        .help = "a word of so many letters that can be spoken"),
    FIELD_WHOLE("hex", read_hex, 0,
        .schema = "{\"type\": \"integer\", \"minimum\": 4, \"maximum\": 64}",
        .help = "so many hexadecimal digits"),
    FIELD_WHOLE("address", read_range, 0, .schema = REF("parameter-address"),
        .help = "an IPv4 or IPv6 address, without a prefix, in a range"),
    FIELD_WHOLE("follows", read_follows, 0,
        .schema = "{\"type\": \"string\", \"pattern\": \"" PARAMETER_PATTERN "\"}",
        .help = "not drawn: goes by the value of this parameter further up"),
    FIELD_WHOLE("as", read_as, 0,
        .schema = "{\"type\": \"object\", \"minProperties\": 1, \"maxProperties\": 64, "
                  "\"additionalProperties\": {\"type\": " SCALAR "}}",
        .help = "with follows: for each of its values, the value of this one"),
    FIELD_WHOLE("differs_from", read_differs, 0,
        .schema = "{\"anyOf\": [{\"type\": \"string\", \"pattern\": \"" PARAMETER_PATTERN "\"}, "
                  "{\"type\": \"array\", \"maxItems\": 24, \"items\": {\"type\": \"string\", "
                  "\"pattern\": \"" PARAMETER_PATTERN "\"}}]}",
        .help = "parameters further up whose value this one must not have"),
};

static const char *const kind_keys[] = {
    "choice", "node", "integer", "name", "hex", "address", "follows"};

/* Of a value that is followed each must be spoken of, and no other. */
static void check_as(struct reader *r, const struct value *v, const struct reading *p)
{
    const struct strv *choices = &p->earlier[p->d.follows].choices;
    const struct value *as = value_get(v, "as");
    for (size_t i = 0; i < choices->n; i++)
        if (!strv_contains(&p->d.when, choices->items[i]))
            problems_add(r->problems, as, "'as': nothing is said for '%s'", choices->items[i]);
    for (size_t i = 0; i < p->d.when.n; i++)
        if (!strv_contains(choices, p->d.when.items[i]))
            problems_add(r->problems, as, "'as': '%s' is no value of '%s'", p->d.when.items[i],
                p->earlier[p->d.follows].name);
}

/* Exactly one kind, and what goes with it. */
static void settle_kind(struct reader *r, const struct value *v, struct reading *p, bool sound)
{
    size_t kinds = 0;
    for (size_t i = 0; i < N_FIELDS(kind_keys); i++)
        kinds += value_get(v, kind_keys[i]) != NULL;
    if (kinds != 1)
        problems_add(r->problems, v,
            "expected one of choice, node, integer, name, hex, address and follows, got %zu",
            kinds);
    bool follows = p->d.kind == PARAMETER_FOLLOWS;
    if (follows != (value_get(v, "as") != NULL))
        problems_add(r->problems, v, "'follows' and 'as' go together");
    if (follows && p->d.n_differs_from)
        problems_add(r->problems, v, "what follows another is not drawn: no 'differs_from'");
    if (follows && sound && value_get(v, "as"))
        check_as(r, v, p);
}

void read_declaration(struct reader *r, const struct value *key, const struct value *v,
    const struct declaration *earlier, size_t n, struct declaration *ret)
{
    struct reading p = {.earlier = earlier, .n_earlier = n};
    size_t before = r->problems->n;
    p.d.name = xstrdup(key->text);
    if (!is_parameter_name(key->text))
        problems_add(r->problems, key,
            "parameter '%s': the name is of a-z, 0-9 and '_', begins with a letter, and has at "
            "most 32 characters",
            key->text);
    read_map(r, v, parameter_fields, N_FIELDS(parameter_fields), &p);
    if (v->type == VALUE_MAP)
        settle_kind(r, v, &p, r->problems->n == before);
    *ret = p.d;
}

void declaration_schema(json_t *defs)
{
    json_t *one = fields_schema(parameter_fields, N_FIELDS(parameter_fields));
    json_t *kinds = json_array();
    for (size_t i = 0; i < N_FIELDS(kind_keys); i++)
        json_array_append_new(kinds, json_pack("{s:[s]}", "required", kind_keys[i]));
    json_object_set_new(one, "oneOf", kinds);
    json_object_set_new(
        one, "dependentRequired", json_pack("{s:[s], s:[s]}", "follows", "as", "as", "follows"));
    json_object_set_new(defs, "parameter", one);
    json_object_set_new(
        defs, "parameter-integer", fields_schema(integer_fields, N_FIELDS(integer_fields)));
    json_object_set_new(
        defs, "parameter-address", fields_schema(address_fields, N_FIELDS(address_fields)));
}
