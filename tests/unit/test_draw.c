/* Drawing of parameters: the same for ever, every value as likely as the others, and no two
 * variants alike. Seeds are fixed, so the statistics come out the same in every run. */
#include "scenario/draw.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <math.h>

static struct declaration listed(const char *name, enum parameter_kind kind, size_t n)
{
    struct declaration d = {.name = xstrdup(name), .kind = kind};
    for (size_t i = 0; i < n; i++)
        strv_addf(&d.choices, "v%zu", i);
    return d;
}

static void differs(struct declaration *d, size_t from)
{
    *array_append(d->differs_from, d->n_differs_from) = from;
}

static char *one(const struct declaration *d, int64_t variant)
{
    _stream_ struct stream s;
    stream_init(&s, variant, 0, d->name);
    return draw_value(d, &s);
}

/* Against numbers that another implementation of the documentation gave. */
Test(draw, the_stream_is_what_the_documentation_says)
{
    _stream_ struct stream s;
    stream_init(&s, 3, 0, "victim");
    static const uint64_t expected[] = {0x1b49480ea29a446f, 0x822042806acc981d, 0x8ea7826da60d15b1,
        0x65e2749a6a0e6b06, 0x9761e7a777baf82f, 0x70e16be39afca653};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_expect_eq(stream_next(&s), expected[i], "number %zu", i);
}

Test(draw, a_number_depends_on_variant_try_and_name)
{
    static const struct {
        int64_t variant, try;
        const char *name;
    } rows[] = {{0, 0, "a"}, {1, 0, "a"}, {0, 1, "a"}, {0, 0, "b"}, {10, 0, "a"}, {1, 0, "0\na"}};
    uint64_t seen[6];
    for (size_t i = 0; i < 6; i++) {
        _stream_ struct stream s, again;
        stream_init(&s, rows[i].variant, rows[i].try, rows[i].name);
        stream_init(&again, rows[i].variant, rows[i].try, rows[i].name);
        seen[i] = stream_next(&s);
        cr_expect_eq(seen[i], stream_next(&again));
        for (size_t k = 0; k < i; k++)
            cr_expect_neq(seen[i], seen[k], "%zu and %zu", i, k);
        stream_end(&again);
    }
}

/* Chi-square of N draws below K; with fixed streams, so this passes always or never. The bounds are
 * those that one in a thousand true dice would break. */
static double chi_square(uint64_t k, size_t n, int64_t first)
{
    double counts[64] = {0}, sum = 0, mean = (double)n / (double)k;
    for (size_t i = 0; i < n; i++) {
        _stream_ struct stream s;
        stream_init(&s, first + (int64_t)i, 0, "die");
        counts[stream_below(&s, k)]++;
    }
    for (uint64_t i = 0; i < k; i++)
        sum += (counts[i] - mean) * (counts[i] - mean) / mean;
    return sum;
}

Test(draw, every_value_is_as_likely_as_the_others)
{
    cr_expect_lt(chi_square(2, 20000, 0), 10.83);
    cr_expect_lt(chi_square(3, 30000, 0), 13.82);
    cr_expect_lt(chi_square(7, 35000, 100000), 22.46);
    cr_expect_lt(chi_square(64, 64000, 0), 103.4);
}

Test(draw, numbers_of_one_stream_are_even_too)
{
    double counts[16] = {0}, sum = 0;
    _stream_ struct stream s;
    stream_init(&s, 0, 0, "long");
    for (int i = 0; i < 64000; i++)
        counts[stream_below(&s, 16)]++;
    for (int i = 0; i < 16; i++)
        sum += (counts[i] - 4000) * (counts[i] - 4000) / 4000;
    cr_expect_lt(sum, 37.7);
}

/* Of 3 * 2^62 the highest quarter of all numbers is left out: modulo alone would give the lowest
 * third twice as often. */
Test(draw, what_would_make_the_first_values_likelier_is_left_out)
{
    _stream_ struct stream s;
    stream_init(&s, 0, 0, "bias");
    const uint64_t n = (uint64_t)3 << 62;
    int low = 0;
    for (int i = 0; i < 9000; i++) {
        uint64_t x = stream_below(&s, n);
        cr_assert_lt(x, n);
        low += x < (uint64_t)1 << 62;
    }
    cr_expect(low > 2850 && low < 3150, "%d of 9000", low);
}

Test(draw, kinds_keep_their_bounds)
{
    struct declaration i = {.name = (char *)"i", .kind = PARAMETER_INTEGER, .min = -2, .max = 2};
    struct declaration h = {.name = (char *)"h", .kind = PARAMETER_HEX, .length = 9};
    struct declaration w = {.name = (char *)"w", .kind = PARAMETER_NAME, .length = 6};
    bool seen[5] = {false};
    for (int64_t v = 0; v < 200; v++) {
        _free_ char *integer = one(&i, v), *hex = one(&h, v), *name = one(&w, v);
        long n = strtol(integer, NULL, 10);
        cr_assert(n >= -2 && n <= 2, "%s", integer);
        seen[n + 2] = true;
        cr_assert(strlen(hex) == 9 && strspn(hex, "0123456789abcdef") == 9, "%s", hex);
        cr_assert_eq(strlen(name), 6);
        for (size_t k = 0; k < 6; k++)
            cr_assert(strchr(k % 2 ? "aeiou" : "bdfghklmnprstvwz", name[k]), "%s", name);
    }
    for (size_t k = 0; k < 5; k++)
        cr_expect(seen[k], "%d was never drawn", (int)k - 2);
}

static struct declaration range(const char *from, const char *to)
{
    struct declaration d = {.name = (char *)"a", .kind = PARAMETER_ADDRESS};
    cr_assert_null(address_parse(from, &d.from));
    cr_assert_null(address_parse(to, &d.to));
    return d;
}

Test(draw, addresses_are_within_their_range_up_to_both_ends)
{
    struct declaration four = range("10.0.0.254/8", "10.0.1.1/8");
    struct declaration six = range("fd00::ffff:fffe/16", "fd00::ffff:ffff/16");
    _strv_ struct strv seen = STRV_INIT;
    for (int64_t v = 0; v < 100; v++) {
        _free_ char *a = one(&four, v), *b = one(&six, v);
        if (!strv_contains(&seen, a))
            strv_add(&seen, a);
        if (!strv_contains(&seen, b))
            strv_add(&seen, b);
    }
    static const char *const all[] = {
        "10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1", "fd00::ffff:fffe", "fd00::ffff:ffff"};
    cr_expect_eq(seen.n, 6);
    for (size_t i = 0; i < 6; i++)
        cr_expect(strv_contains(&seen, all[i]), "%s", all[i]);
}

static void free_all(char **values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(values[i]);
}

Test(draw, what_must_differ_differs_and_what_follows_follows)
{
    struct declaration list[4] = {listed("a", PARAMETER_NODE, 3), listed("b", PARAMETER_NODE, 3),
        listed("c", PARAMETER_NODE, 3), {.name = xstrdup("d"), .kind = PARAMETER_FOLLOWS}};
    differs(&list[1], 0);
    differs(&list[2], 0);
    differs(&list[2], 1);
    list[3].follows = 2;
    for (int i = 0; i < 3; i++) {
        strv_addf(&list[3].when, "v%d", i);
        strv_addf(&list[3].as, "is %d", i);
    }
    size_t stuck, pairs = 0;
    _strv_ struct strv seen = STRV_INIT;
    for (int64_t v = 0; v < 200; v++) {
        char *values[4];
        cr_assert(draw_all(list, 4, v, 0, values, &stuck));
        cr_assert_str_neq(values[0], values[1]);
        cr_assert_str_neq(values[2], values[0]);
        cr_assert_str_neq(values[2], values[1]);
        cr_assert_str_eq(values[3] + 3, values[2] + 1);
        _free_ char *pair = xasprintf("%s %s", values[0], values[1]);
        if (!strv_contains(&seen, pair)) {
            strv_add(&seen, pair);
            pairs++;
        }
        free_all(values, 4);
    }
    cr_expect_eq(pairs, 6, "all orders of three are drawn");
    for (size_t i = 0; i < 4; i++)
        declaration_free(&list[i]);
}

Test(draw, it_ends_when_no_value_is_left)
{
    struct declaration list[3] = {listed("a", PARAMETER_CHOICE, 2),
        listed("b", PARAMETER_CHOICE, 2), listed("c", PARAMETER_CHOICE, 2)};
    differs(&list[1], 0);
    differs(&list[2], 0);
    differs(&list[2], 1);
    char *values[3];
    size_t stuck = 99;
    int64_t found;
    cr_expect(!draw_variant(list, 3, 0, values, &stuck, &found));
    cr_expect_eq(stuck, 2);
    for (size_t i = 0; i < 3; i++)
        declaration_free(&list[i]);
}

Test(draw, variants_are_spread_over_all_that_can_be_chosen)
{
    struct declaration list[3] = {listed("a", PARAMETER_NODE, 3), listed("b", PARAMETER_NODE, 3),
        {.name = xstrdup("h"), .kind = PARAMETER_HEX, .length = 8}};
    differs(&list[1], 0);
    _strv_ struct strv pairs = STRV_INIT, texts = STRV_INIT;
    for (int64_t v = 0; v < 9; v++) {
        char *values[3], *again[3];
        size_t stuck;
        int64_t found;
        cr_assert(draw_variant(list, 3, v, values, &stuck, &found));
        cr_assert(draw_variant(list, 3, v, again, &stuck, &found));
        for (size_t i = 0; i < 3; i++)
            cr_expect_str_eq(values[i], again[i]);
        _free_ char *pair = xasprintf("%s %s", values[0], values[1]);
        if (!strv_contains(&pairs, pair))
            strv_add(&pairs, pair);
        cr_expect(!strv_contains(&texts, values[2]));
        strv_add(&texts, values[2]);
        if (v == 5)
            cr_expect_eq(pairs.n, 6, "the first six have the six pairs that there are");
        free_all(values, 3);
        free_all(again, 3);
    }
    for (size_t i = 0; i < 3; i++)
        declaration_free(&list[i]);
}

Test(draw, without_texts_there_are_only_so_many)
{
    struct declaration list[1] = {listed("a", PARAMETER_CHOICE, 3)};
    char *values[1];
    size_t stuck;
    int64_t found;
    cr_assert(draw_variant(list, 1, 2, values, &stuck, &found));
    free_all(values, 1);
    cr_expect(!draw_variant(list, 1, 3, values, &stuck, &found));
    cr_expect_eq(found, 3);
    cr_expect_eq(stuck, 1);
    declaration_free(&list[0]);
}
