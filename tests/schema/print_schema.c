/* Prints the JSON Schema of scenario.yaml: with the probe kinds of graders/, or, asked for
 * "--test-kinds", with those of the tests. */
#include "tests/unit/scenario_kinds.h"
#ifdef WITH_GRADERS
#include "graders/probe.h"
#endif

int main(int argc, char **argv)
{
    struct scenario_opts opts = {0};
    if (argc == 2 && streq(argv[1], "--test-kinds")) {
        opts.kinds = test_kinds;
        opts.n_kinds = N_FIELDS(test_kinds);
    } else {
#ifdef WITH_GRADERS
        opts.kinds = probe_kind_infos(&opts.n_kinds);
#endif
    }
    _json_ json_t *schema = scenario_schema(&opts);
    return json_dumpf(schema, stdout, JSON_INDENT(1)) == 0 && putchar('\n') == '\n' ? 0 : 1;
}
