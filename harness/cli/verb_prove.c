#include "cli/lookup.h"
#include "cli/reports.h"
#include "cli/verbs.h"
#include "graders/report/report.h"
#include "prove/prove.h"
#include "util/fs.h"
#include "util/log.h"

struct tally {
    const struct cmd *c;
    size_t done;
};

static const char *const words[] = {
    [BRANCH_PROVEN] = "proven",
    [BRANCH_REFUTED] = "REFUTED",
    [BRANCH_NOT_RUN] = "could not be run",
};

static void on_progress(const struct branch *b, const struct branch_result *r, void *data)
{
    struct tally *p = data;
    if (!r) {
        log_info("%s: running", b->name);
        return;
    }
    p->done++;
    _free_ char *took = format_duration(r->duration_ms);
    if (r->verdict == BRANCH_PROVEN)
        log_info("%s: proven (%.0f %%, %s)", b->name, r->report.percent, took);
    else
        log_warning("%s: %s (%s): %s", b->name, words[r->verdict], took, r->why ? r->why : "");
}

static void print_proof(const struct cmd *c, const struct proof *p)
{
    static const struct column columns[] = {{.title = "BRANCH"}, {.title = "VERDICT"},
        {.title = "SCORE", .align = ALIGN_RIGHT}, {.title = "TIME", .align = ALIGN_RIGHT},
        {.title = "WHY", .shrinks = true}};
    _table_ struct table t;
    table_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < p->branches.n; i++) {
        const struct branch_result *r = &p->results[i];
        _free_ char *took = format_duration(r->duration_ms);
        table_add(&t, p->branches.items[i].name);
        table_add_styled(
            &t, r->verdict == BRANCH_PROVEN ? STYLE_GOOD : STYLE_BAD, words[r->verdict]);
        if (r->graded)
            table_addf(&t, "%.0f %%", r->report.percent);
        else
            table_add(&t, NULL);
        table_add(&t, took);
        table_add(&t, r->why ? r->why : "");
    }
    _free_ char *draw = draw_text(p->draw);
    fprintf(
        c->out.file, "%s (%s)%s%s\n", p->scenario, p->driver, draw ? ", " : "", draw ? draw : "");
    table_print(&t, &c->out);
    for (size_t i = 0; i < p->branches.n; i++)
        if (p->results[i].kept_in)
            fprintf(c->out.file, "%s: evidence is kept in %s\n", p->branches.items[i].name,
                p->results[i].kept_in);
}

static bool prove_one(struct cmd *c, const struct scenario *sc, const struct prove_opts *opts,
    struct proof *ret, struct lr_error *err)
{
    _host_ struct host h = {0};
    if (!host_open(c->state_dir, cmd_value(c, "driver"), sc, &h, err))
        return false;
    if (h.reason)
        log_info("%s", h.reason);
    if (sc->n_parameters)
        log_info("'%s' with seed %lld", sc->name, (long long)sc->seed);
    return prove_run(&h, sc, opts, ret, err);
}

static bool write_junit(const struct cmd *c, const struct proof *proofs, size_t n,
    bool *ret_printed, struct lr_error *err)
{
    const char *path = cmd_value(c, "junit");
    if (!path)
        return true;
    _free_ char *text = prove_junit(proofs, n);
    return form_write(c, path, text, ret_printed, err);
}

static void tell(struct cmd *c, const struct proof *proofs, size_t n, bool printed)
{
    _json_ json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        if (proofs[i].n_refuted)
            c->status = 1;
        else if (proofs[i].n_not_run && c->status == 0)
            c->status = lr_error_exit_status(LR_EINFRA);
        if (cmd_json(c))
            json_array_append_new(list, prove_json(&proofs[i]));
        else if (!printed)
            print_proof(c, &proofs[i]);
    }
    if (cmd_json(c))
        out_json(&c->out, list);
}

/* What is to be proven: of each scenario as many draws as were asked for, but none twice; and all
 * of that as often as was asked for. */
static bool collect(const struct cmd *c, struct variants *ret, struct lr_error *err)
{
    int64_t repeat = 1, seeds = 1, seed = 0;
    if (!cmd_int(c, "repeat", 1, 1000, &repeat, err) ||
        !cmd_int(c, "seeds", 1, SCENARIO_MAX_VARIANTS, &seeds, err) ||
        !cmd_int(c, "seed", 0, SEED_MAX - SCENARIO_MAX_VARIANTS, &seed, err))
        return false;
    for (int64_t round = 0; round < repeat; round++) {
        for (size_t i = 0; i < c->operands.n; i++) {
            int64_t variants = 1;
            for (int64_t k = 0; k < seeds && k < variants; k++) {
                struct scenario *sc = NULL;
                if (!lookup_scenario_drawn(c->operands.items[i], seed + k, &sc, err))
                    return false;
                variants = sc->variants;
                *array_append(ret->items, ret->n) = sc;
            }
        }
    }
    return true;
}

/* What is proven is told also where a later proof could not be made: it may have taken hours. */
static bool prove_all(
    struct cmd *c, const struct variants *all, const struct prove_opts *opts, struct lr_error *err)
{
    _free_ struct proof *proofs = xcalloc(all->n, sizeof *proofs);
    _lr_error_ struct lr_error unwritten = LR_ERROR_INIT;
    size_t done = 0;
    while (done < all->n && prove_one(c, all->items[done], opts, &proofs[done], err))
        done++;
    bool printed = false, ok = done == all->n;
    bool written = write_junit(c, proofs, done, &printed, &unwritten);
    if (done > 0)
        tell(c, proofs, done, printed);
    for (size_t i = 0; i < done; i++)
        proof_free(&proofs[i]);
    if (ok && !written)
        lr_error_move(err, &unwritten);
    else if (!written)
        log_warning("%s", unwritten.message);
    return ok && written;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _variants_ struct variants all = {0};
    struct tally tally = {c, 0};
    int64_t jobs = 1, idle = 300;
    const char **only = NULL;
    size_t n = cmd_values(c, "branch", &only);
    _free_ const char **branches = only;
    const char *junit = cmd_value(c, "junit");
    if (cmd_json(c) && junit && streq(junit, "-"))
        return lr_error_set(err, LR_EUSAGE, "--json and `--junit -` both want standard output");
    if (!cmd_int(c, "jobs", 1, 64, &jobs, err) || !cmd_int(c, "idle", 1, 86400, &idle, err) ||
        !collect(c, &all, err))
        return false;
    struct prove_opts opts = {.only = branches,
        .n_only = n,
        .jobs = (size_t)jobs,
        .idle_ms = idle * 1000,
        .version = c->program->version,
        .progress = on_progress,
        .data = &tally};
    for (size_t i = 0; i < all.n; i++)
        if (!prove_check(all.items[i], &opts, err))
            return false;
    return prove_all(c, &all, &opts, err);
}

const struct verb verb_prove = {
    .name = "prove",
    .group = "For the author",
    .summary = "show by running it that a scenario is fair",
    .help =
        "On clones of its stages: the healthy system has full marks; each fault alone is "
        "noticed; all together fail exactly as declared, also when left alone; each solution "
        "has full marks, and still after a power cut; with any one step left out it has fewer; "
        "each cheat stays under its score and fails the named checks; grading twice gives the "
        "same.\n\n"
        "Of a scenario with parameters one draw is proven, that of seed 0. --seeds proves several; "
        "as many as it has variants prove all there are.\n\n"
        "Branches: healthy, fault/ID, broken, idle, twice, solution/ID, solution/ID/without-N, "
        "cheat/ID.\n\n"
        "What a branch printed and saw is kept in proofs/ of the state folder when it was not "
        "proven, until you remove it.\n\n"
        "Exit status: 0 proven; 1 refuted; 4 something could not be run.",
    .options =
        (const struct option_def[]){
            {"driver", 'd', "DRIVER", "auto|qemu|lxc", "how nodes come to be; auto if not said"},
            {"branch", 'b', "NAME", NULL,
                "only this branch, or those below NAME/; may be repeated"},
            {"jobs", 'j', "N", NULL, "branches at once; 1 if not said"},
            {"idle", 0, "SECONDS", NULL, "how long the broken lab is left alone; 300 if not said"},
            {"seeds", 0, "N", NULL, "N draws of a scenario with parameters; 1 if not said"},
            {"seed", 's', "N", NULL, "the first of them, or the only one; 0 if not said"},
            {"repeat", 0, "N", NULL, "the whole proof N times"},
            {"junit", 0, "FILE", "file",
                "write JUnit XML to FILE; - prints it instead of the table"},
            OPTIONS_JSON,
            OPTIONS_END,
        },
    .operands = (const struct operand_def[]){{"SCENARIO", "scenario", OPERAND_MANY}, OPERANDS_END},
    .run = run,
};
