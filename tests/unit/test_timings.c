#include "util/deadline.h"
#include "util/parallel.h"
#include "util/timings.h"
#include <criterion/criterion.h>

static json_int_t number(const json_t *j, const char *member)
{
    cr_assert(json_is_integer(json_object_get(j, member)), "no '%s'", member);
    return json_integer_value(json_object_get(j, member));
}

static bool work(size_t i, void *data, struct lr_error *err)
{
    (void)i;
    (void)err;
    int64_t began = now_ms();
    bool ready;
    bool ok = wait_fd(-1, 0, deadline_in(20), &ready, err);
    timings_part(data, "piece", "box", began);
    return ok;
}

Test(timings, phases_add_up_and_own_their_parts)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _timings_ struct timings *t = timings_new();
    timings_phase(t, "first");
    cr_assert(parallel_run(8, work, t, &err), "%s", err.message);
    timings_part_of(t, "known", NULL, 7);
    timings_phase(t, "second");
    _json_ json_t *j = timings_json(t);
    const json_t *phases = json_object_get(j, "phases");
    cr_assert_eq(json_array_size(phases), 2);
    const json_t *first = json_array_get(phases, 0), *second = json_array_get(phases, 1);
    cr_assert_str_eq(json_string_value(json_object_get(first, "phase")), "first");
    cr_assert_eq(json_array_size(json_object_get(first, "parts")), 0);
    cr_assert_eq(number(first, "at_ms"), 0);
    cr_assert_eq(number(second, "at_ms"), number(first, "took_ms"));
    cr_assert_geq(number(second, "took_ms"), 20);
    cr_assert_eq(number(j, "total_ms"), number(first, "took_ms") + number(second, "took_ms"));

    const json_t *parts = json_object_get(second, "parts");
    cr_assert_eq(json_array_size(parts), 9);
    const json_t *piece = json_array_get(parts, 0), *known = json_array_get(parts, 8);
    cr_assert_str_eq(json_string_value(json_object_get(piece, "part")), "piece");
    cr_assert_str_eq(json_string_value(json_object_get(piece, "node")), "box");
    cr_assert_geq(number(piece, "took_ms"), 20);
    cr_assert_leq(number(piece, "took_ms"), number(second, "took_ms"));
    cr_assert_eq(json_object_get(known, "node"), NULL);
    cr_assert_eq(number(known, "took_ms"), 7);
    cr_assert_eq(number(known, "at_ms"), number(second, "at_ms"));
}

Test(timings, nobody_asks)
{
    timings_phase(NULL, "phase");
    timings_part(NULL, "part", NULL, 0);
    timings_part_of(NULL, "part", NULL, 0);
    cr_assert_eq(timings_json(NULL), NULL);
    timings_free(NULL);
}
