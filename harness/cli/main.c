#include "cli/verbs.h"

/* In the order of `labrun --help`. */
static const struct verb *const verbs[] = {
    &verb_list,
    &verb_info,
    &verb_start,
    &verb_status,
    &verb_reset,
    &verb_pause,
    &verb_resume,
    &verb_stop, /* Labs */
    &verb_brief,
    &verb_ssh,
    &verb_ssh_config,
    &verb_proxy,
    &verb_hint,
    &verb_grade,
    &verb_finish,
    &verb_desk, /* candidate */
    &verb_report,
    &verb_results, /* interviewer */
    &verb_check,
    &verb_build,
    &verb_prove, /* author */
    &verb_doctor,
    &verb_gc, /* host */
    &verb_help,
    &verb_completion,
    &verb_version, /* about */
    &verb_complete,
    &verb_man, /* hidden */
    NULL,
};

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "labrun",
        .version = LABRUN_VERSION,
        .summary = "labs that are really broken, for people who can mend them",
        .verbs = verbs,
    };
    return cli_run(&program, argc, (const char *const *)(uintptr_t)argv);
}
