#include "cli/lookup.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "lab/power.h"
#include "record/cast.h"
#include "transport/quote.h"
#include "transport/terminal.h"
#include "util/log.h"

#define DIAL_MS (3 * 60 * 1000)

/* Recorded on the host, in the attempt, where nobody in the guest can reach it. A recording that
 * cannot be kept does not keep the candidate from working. */
static struct cast *begin_recording(const struct subject *s, const char *node, const char *command)
{
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _free_ char *title = xasprintf("%s on %s", node, s->lab->name);
    struct cast_conf conf = {.title = title, .command = command};
    terminal_size(&conf.cols, &conf.rows);
    struct cast *cast = NULL;
    if (!attempt_record(s->attempt, node, &conf, &cast, &err))
        log_warning("this terminal is not recorded: %s", err.message);
    return cast;
}

static bool talk(
    struct cmd *c, const struct subject *s, size_t node, const char *command, struct lr_error *err)
{
    const char *name = s->lab->plan->nodes[node].name;
    _login_ struct login login = {0};
    int fd;
    if (!lookup_login(s->lab, node, &login, err) ||
        !power_dial(&s->host, s->lab, node, deadline_in(DIAL_MS), &fd, err))
        return false;
    struct cast *cast = begin_recording(s, name, command);
    struct terminal_tap tap = {.on_data = cast_tap, .data = cast};
    struct client_conf conf = {
        .node = name, .key_file = login.key_file, .host_key = login.host_key};
    progress_hide(c->progress);
    bool ok = terminal_run(fd, &conf, command, cast ? &tap : NULL, &c->status, err);
    _lr_error_ struct lr_error own = LR_ERROR_INIT;
    if (cast && !cast_close(cast, &own))
        log_warning("the recording is not whole: %s", own.message);
    return ok;
}

/* NULL without words. One word is a line for the shell there, as people know it from ssh; several
 * are a command and its arguments. */
static char *command_line(const struct strv *words)
{
    if (words->n < 2)
        return words->n ? xstrdup(words->items[0]) : NULL;
    return quote_argv((const char *const *)(uintptr_t)words->items);
}

static bool run(struct cmd *c, struct lr_error *err)
{
    const char *lab_name, *node_name;
    _subject_ struct subject s = {0};
    size_t node;
    if (!lookup_lab_and_node(c, &lab_name, &node_name, err) ||
        !lookup_lab(c, lab_name, false, &s, err) || !lab_node(s.lab, node_name, true, &node, err))
        return false;
    _free_ char *command = command_line(&c->command);
    return talk(c, &s, node, command, err);
}

const struct verb verb_ssh = {
    .name = "ssh",
    .group = "For the candidate",
    .summary = "a terminal on a node, or one command there",
    .help =
        "Without NODE: the first node that the candidate may enter. One word alone is a node if "
        "there is only one lab, and it has another name; with several labs say both. What is "
        "shown is recorded on the host as asciicast version 2, in the attempt's folder.\n\n"
        "COMMAND in one word is a line for the shell there ('systemctl --failed | head'); in "
        "several words it is a command with its arguments, each as it is.\n\n"
        "The exit status is that of the remote command (128 and the signal's number when a "
        "signal ended it).\n\n"
        "A node that was powered off or rebooted from inside is started again first.",
    .operands = (const struct operand_def[]){{"LAB", "lab", OPERAND_OPTIONAL},
        {"NODE", "node", OPERAND_OPTIONAL}, OPERANDS_END},
    .takes_command = true,
    .run = run,
};
