/* YAML with positions and its caps, the meaning of scalars, and the reader of tables by itself. */
#include "scenario/reader.h"
#include "util/mem.h"
#include <criterion/criterion.h>

/* Parses TEXT; the findings, owned. */
static char *parse(const char *text, size_t len, struct value *ret)
{
    _problems_ struct problems problems = {0};
    problems_init(&problems, "F");
    bool done = value_parse(text, len, &problems, ret);
    cr_assert_eq(done, problems.n == 0);
    return problems_text(&problems);
}

Test(value, every_member_knows_where_it_stands)
{
    static const char text[] = "a: 1\nb: [x, 'y z']\nc:\n  d: |\n    text\n";
    _value_ struct value v = {0};
    _free_ char *seen = parse(text, strlen(text), &v);
    cr_assert_str_eq(seen, "");
    const struct value *b = value_get(&v, "b"), *c = value_get(&v, "c");
    cr_assert_eq(v.type, VALUE_MAP);
    cr_assert_eq(v.n, 3);
    cr_assert_eq(v.keys[2].line, 3);
    cr_assert_eq(b->type, VALUE_LIST);
    cr_assert_eq(b->items[1].line, 2);
    cr_assert_eq(b->items[1].col, 8);
    cr_assert(b->items[1].quoted);
    cr_assert(!b->items[0].quoted);
    cr_assert_str_eq(b->items[1].text, "y z");
    cr_assert_str_eq(value_get(c, "d")->text, "text\n");
    cr_assert(value_get(c, "d")->quoted);
    cr_assert_null(value_get(&v, "z"));
    cr_assert_null(value_get(b, "a"));
}

Test(value, a_byte_order_mark_and_windows_line_ends_are_taken)
{
    static const char text[] = "\xef\xbb\xbf"
                               "a: 1\r\nb: 2\r\n";
    _value_ struct value v = {0};
    _free_ char *seen = parse(text, sizeof text - 1, &v);
    cr_assert_str_eq(seen, "");
    cr_assert_eq(v.keys[0].col, 1);
    cr_assert_str_eq(value_get(&v, "b")->text, "2");
}

/* N times UNIT between HEAD and TAIL. */
static char *repeat(const char *head, const char *unit, size_t n, const char *tail)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_adds(&b, head);
    for (size_t i = 0; i < n; i++)
        strbuf_adds(&b, unit);
    strbuf_adds(&b, tail);
    return strbuf_steal(&b);
}

Test(value, caps)
{
    static const struct {
        const char *head, *unit;
        size_t n;
        const char *tail, *finding;
    } rows[] = {
        {"", "[", 16, "]]]]]]]]]]]]]]]]", ""},
        {"", "[", 17, "]]]]]]]]]]]]]]]]]", "F:1:17: lists and maps are nested more than 16 deep\n"},
        {"", "[", 200000, "", "F:1:17: lists and maps are nested more than 16 deep\n"},
        {"", "- ", 200000, "", "F:1:33: lists and maps are nested more than 16 deep\n"},
        {"", "? ", 200000, "", "F:1:3: a key must be plain text, not a list or a map\n"},
        {"[", "0,", 19999, "]", ""},
        {"[", "0,", 20000, "]", "F:1:40000: the file has more than 20000 values\n"},
        {"[", "\n", 1048574, "]", ""},
        {"[", "\n", 1048575, "]", "F:1:1: the file is larger than 1 MiB\n"},
        {"", "%TAG !a! x\n", 90000, "---\n",
            "F:1:1: a line must not begin with '%' (YAML directive)\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        _value_ struct value v = {0};
        _free_ char *text = repeat(rows[i].head, rows[i].unit, rows[i].n, rows[i].tail);
        _free_ char *seen = parse(text, strlen(text), &v);
        cr_expect_str_eq(seen, rows[i].finding, "row %zu: %s", i, seen);
    }
}

Test(value, a_long_line_of_text_is_no_cap_but_its_own_size)
{
    _value_ struct value v = {0};
    _free_ char *text = repeat("a: ", "x", 1000000, "\n");
    _free_ char *seen = parse(text, strlen(text), &v);
    cr_assert_str_eq(seen, "");
    cr_assert_eq(strlen(value_get(&v, "a")->text), 1000000);
}

Test(problems, are_sorted_cut_and_printable)
{
    _problems_ struct problems p = {0};
    problems_init(&p, "F");
    problems_add_at(&p, 3, 1, "third");
    problems_add_at(&p, 1, 9,
        "second \x1b[31m \xc2\x9b"
        "31m");
    problems_add_at(&p, 1, 2, "first");
    _free_ char *text = problems_text(&p);
    cr_assert_str_eq(text, "F:1:2: first\nF:1:9: second  [31m   31m\nF:3:1: third\n");
}

Test(problems, past_the_cap_are_counted)
{
    _problems_ struct problems p = {0};
    problems_init(&p, "F");
    for (int i = 0; i < PROBLEMS_MAX + 7; i++)
        problems_add(&p, NULL, "%d", i);
    _free_ char *text = problems_text(&p);
    cr_assert_eq(p.n, PROBLEMS_MAX);
    cr_assert(strstr(text, "\nF: 7 more findings not shown\n"));
}

Test(scalar, durations)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: not a duration */
    } rows[] = {{"500ms", 500}, {"0s", 0}, {"10s", 10000}, {"5m", 300000}, {"2h", 7200000},
        {"2562047788015h", 9223372036854000000}, {"2562047788016h", -1}, {"", -1}, {"s", -1},
        {"10", -1}, {"010s", -1}, {"1 s", -1}, {" 1s", -1}, {"1s ", -1}, {"1S", -1}, {"-1s", -1},
        {"+1s", -1}, {"1.5s", -1}, {"1d", -1}, {"1m30s", -1}, {"0x1s", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = -1;
        cr_expect_eq(parse_duration(rows[i].text, &ms), rows[i].ms >= 0, "%s", rows[i].text);
        cr_expect_eq(ms, rows[i].ms, "%s: %lld", rows[i].text, (long long)ms);
    }
}

Test(scalar, sizes)
{
    static const struct {
        const char *text;
        int64_t mib;
    } rows[] = {{"384M", 384}, {"1G", 1024}, {"2T", 2 * 1024 * 1024}, {"0M", 0}, {"1", -1},
        {"1K", -1}, {"1GB", -1}, {"1g", -1}, {"01G", -1}, {"1.5G", -1}, {"", -1}, {"G", -1},
        {"9223372036854775807T", -1}, {"99999999999999999999M", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t mib = -1;
        cr_expect_eq(parse_size_mib(rows[i].text, &mib), rows[i].mib >= 0, "%s", rows[i].text);
        cr_expect_eq(mib, rows[i].mib, "%s: %lld", rows[i].text, (long long)mib);
    }
}

Test(scalar, what_yaml_sees_without_quotes)
{
    static const char *const text[] = {"yes", "no", "on", "1.2.3", "10.0.0.1/24", "fd20::11/64",
        "1h", "nul", "-", "+", ".", "1e", "0xg", "0o8", "e5", "--1", "1_000", "trUe", "0x", "inf"};
    static const char *const other[] = {"", "~", "null", "true", "False", "0", "-1", "+1", "007",
        "0x1F", "0o17", "1.", ".5", "1e3", "1.5E-3", ".inf", "-.INF", ".nan", "1e+5"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        cr_expect(plain_is_text(text[i]), "%s", text[i]);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        cr_expect(!plain_is_text(other[i]), "%s", other[i]);
}

struct thing {
    char *name;
    char *note;
    char *id;
    char *path;
    bool flag;
    int64_t count;
    double share;
    int64_t wait;
    int64_t size;
    int colour;
    struct strv words;
    int twice;
};

static void read_twice(struct reader *r, const struct value *v, void *member)
{
    static const struct field number = {.key = "twice", .type = FIELD_T_INT};
    int64_t n = 0;
    read_field(r, v, &number, &n);
    *(int *)member = (int)n * 2;
}

static const char *const colours[] = {"red", "4", "true", NULL};

static const struct field thing_fields[] = {
    FIELD_STRING("name", struct thing, name, FIELD_REQUIRED, .max = 5),
    FIELD_TEXT("note", struct thing, note, 0),
    FIELD_ID("id", struct thing, id, 0),
    FIELD_PATH("path", struct thing, path, 0),
    FIELD_BOOL("flag", struct thing, flag, 0),
    FIELD_INT("count", struct thing, count, 0),
    FIELD_NUMBER("share", struct thing, share, 0, .min = -1, .max = 1),
    FIELD_DURATION("wait", struct thing, wait, 0),
    FIELD_SIZE_MIB("size", struct thing, size, 0),
    FIELD_ENUM("colour", struct thing, colour, colours, 0, .help = "a colour"),
    FIELD_STRINGS("words", struct thing, words, 0),
    FIELD_CUSTOM("twice", struct thing, twice, read_twice, 0, .schema = "{\"type\": \"integer\"}"),
};

/* Reads TEXT into OUT; the findings, owned. */
static char *read_thing(const char *text, struct thing *out)
{
    _problems_ struct problems problems = {0};
    _value_ struct value v = {0};
    problems_init(&problems, "F");
    cr_assert(value_parse(text, strlen(text), &problems, &v));
    struct reader r = {.problems = &problems};
    read_map(&r, &v, thing_fields, N_FIELDS(thing_fields), out);
    return problems_text(&problems);
}

static void thing_end(struct thing *t)
{
    free_map(thing_fields, N_FIELDS(thing_fields), t);
    cr_assert_null(t->name);
    cr_assert_null(t->path);
    cr_assert_eq(t->words.n, 0);
}
#define _thing_ _cleanup_(thing_end)

Test(reader, all_types)
{
    _thing_ struct thing t = {0};
    _free_ char *seen = read_thing(
        "{name: abc, note: \"a\\nb\", id: a-1, path: checks/a_b.sh, flag: true, count: 7,"
        " share: -0.25, wait: 3s, size: 2G, colour: 4, words: [a, 1, \"\", true], "
        "twice: 21}",
        &t);
    cr_assert_str_eq(seen, "");
    cr_assert_str_eq(t.name, "abc");
    cr_assert_str_eq(t.note, "a\nb");
    cr_assert_str_eq(t.id, "a-1");
    cr_assert_str_eq(t.path, "checks/a_b.sh");
    cr_assert(t.flag);
    cr_assert_eq(t.count, 7);
    cr_assert_eq(t.share, -0.25);
    cr_assert_eq(t.wait, 3000);
    cr_assert_eq(t.size, 2048);
    cr_assert_eq(t.colour, 1);
    cr_assert_eq(t.words.n, 4);
    cr_assert_str_eq(t.words.items[1], "1");
    cr_assert_eq(t.twice, 42);
}

Test(reader, what_is_not_said_stays_and_one_word_is_a_list)
{
    _thing_ struct thing t = {.count = 9, .wait = 5, .share = 0.5};
    _free_ char *seen = read_thing("{name: \"12345\", words: one}", &t);
    cr_assert_str_eq(seen, "");
    cr_assert_eq(t.count, 9);
    cr_assert_eq(t.wait, 5);
    cr_assert_eq(t.share, 0.5);
    cr_assert_null(t.note);
    cr_assert_eq(t.words.n, 1);
}

Test(reader, lengths_count_characters_and_not_bytes)
{
    _thing_ struct thing t = {0};
    _free_ char *seen = read_thing("{name: äöüßé}", &t);
    cr_assert_str_eq(seen, "");
    _thing_ struct thing u = {0};
    _free_ char *longer = read_thing("{name: äöüßéx}", &u);
    cr_assert_str_eq(longer,
        "F:1:8: 'name': expected text in one line, not empty, of at most 5 "
        "characters, got 'äöüßéx'\n");
}

Test(reader, every_mistake_is_told_in_one_go)
{
    _thing_ struct thing t = {0};
    _free_ char *seen = read_thing("flga: true\ncount: 020\nwait: abc\nsize: 20junk\nshare: 1.5\n"
                                   "id: {}\ntwice: x\nwords: [[]]\ncolour: blue\n",
        &t);
    cr_assert_str_eq(seen,
        "F:1:1: 'name' is missing\n"
        "F:1:1: unknown key 'flga': did you mean 'flag'?\n"
        "F:2:8: 'count': expected a whole number, got '020'\n"
        "F:3:7: 'wait': expected a duration such as 30s, got 'abc'\n"
        "F:4:7: 'size': expected a size such as 512M or 2G, got '20junk'\n"
        "F:5:8: 'share': expected a number from -1 to 1, got '1.5'\n"
        "F:6:5: 'id': expected a name of a-z, 0-9 and '-', at most 32 "
        "characters, got a map\n"
        "F:7:8: 'twice': expected a whole number, got 'x'\n"
        "F:8:9: 'words': expected text, got a list\n"
        "F:9:9: 'colour': expected red, 4 or true, got 'blue'\n");
}

Test(reader, numbers_are_strict)
{
    static const char *const bad[] = {"1.", ".5", "+1", "1e0", "0.1234567890", "00", "-00.5", "1,5",
        "0x1", "nan", "1 ", "--1", "-"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        static const struct field share = {
            .key = "share", .type = FIELD_T_NUMBER, .min = -9, .max = 9};
        _problems_ struct problems problems = {0};
        problems_init(&problems, "F");
        struct reader r = {.problems = &problems};
        struct value v = {.type = VALUE_SCALAR, .text = (char *)bad[i]};
        double n = 77;
        read_field(&r, &v, &share, &n);
        cr_expect_eq(problems.n, 1, "%s", bad[i]);
        cr_expect_eq(n, 77);
    }
}

Test(reader, the_schema_is_made_of_the_same_table)
{
    _json_ json_t *s = fields_schema(thing_fields, N_FIELDS(thing_fields));
    json_t *properties = json_object_get(s, "properties");
    cr_assert_eq(json_object_size(properties), N_FIELDS(thing_fields));
    cr_assert(json_is_false(json_object_get(s, "additionalProperties")));
    cr_assert_eq(json_array_size(json_object_get(s, "required")), 1);
    json_t *colour = json_object_get(properties, "colour");
    cr_assert_str_eq(json_string_value(json_object_get(colour, "description")), "a colour");
    _free_ char *names = json_dumps(json_object_get(colour, "enum"), 0);
    cr_assert_str_eq(names, "[\"red\", \"4\", 4, \"true\", true]");
}
