/* Where a candidate sits: the verbs for candidates on one lab, line by line, and no way to anything
 * else of the host. Each line runs this program again, as one who may do all would run it. */
#include "cli/ask.h"
#include "cli/lookup.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static const struct place {
    const char *verb;
    const char *flag; /* the only one that is handed on; NULL: none */
    enum { NO_NODE, NODE_OPERAND, NODE_OPTION } node;
    bool command; /* what stands after NODE is a line for the shell there */
    bool asks;    /* what was done is lost: is it meant? */
    const char *usage;
    const char *summary; /* NULL: the verb's */
} places[] = {
    {"brief", NULL, NO_NODE, false, false, "brief", NULL},
    {"status", NULL, NO_NODE, false, false, "status", "the nodes, and the time left"},
    {"ssh", NULL, NODE_OPERAND, true, false, "ssh [NODE [COMMAND...]]", NULL},
    {"hint", "--yes", NO_NODE, false, false, "hint", NULL},
    {"grade", "--after-reboot", NO_NODE, false, false, "grade [--after-reboot]", NULL},
    {"reset", NULL, NODE_OPTION, false, true, "reset [NODE]", NULL},
    {"finish", NULL, NO_NODE, false, true, "finish", NULL},
    {"proxy", NULL, NODE_OPERAND, false, false, NULL, NULL},
};

struct desk {
    struct cmd *c;
    struct lab *lab; /* as it was when the candidate came */
    bool tty;
    bool alone; /* one line, by SSH_ORIGINAL_COMMAND: its standard input is ours */
    bool left;
    int status; /* of the last line */
};

static char *next_word(char **p)
{
    *p += strspn(*p, " \t\r");
    char *word = *p;
    *p += strcspn(word, " \t\r");
    if (**p)
        *(*p)++ = '\0';
    return *word ? word : NULL;
}

static const struct place *place_of(const char *verb)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (streq(places[i].verb, verb))
            return &places[i];
    return NULL;
}

static const char *summary_of(const struct desk *d, const struct place *p)
{
    return p->summary ? p->summary : verb_by_name(d->c->program, p->verb)->summary;
}

static void show_places(const struct desk *d)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].usage)
            fprintf(d->c->out.file, "  %-26s%s\n", places[i].usage, summary_of(d, &places[i]));
    fprintf(d->c->out.file, "  %-26sleave; the lab goes on\n", "exit");
}

/* The terminal and its keys are for what runs; lines from elsewhere are ours alone. */
static bool run_child(struct desk *d, const struct strv *args, struct lr_error *err)
{
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t dfl;
    pid_t pid;
    int status;
    _free_ char **argv = xcalloc(args->n + 1, sizeof *argv);
    for (size_t i = 0; i < args->n; i++)
        argv[i] = args->items[i];
    posix_spawn_file_actions_init(&fa);
    if (!d->tty && !d->alone)
        posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawnattr_init(&at);
    sigemptyset(&dfl);
    sigaddset(&dfl, SIGINT);
    posix_spawnattr_setsigdefault(&at, &dfl);
    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGDEF);
    int rc = posix_spawn(&pid, "/proc/self/exe", &fa, &at, argv, environ);
    posix_spawnattr_destroy(&at);
    posix_spawn_file_actions_destroy(&fa);
    if (rc)
        return lr_error_errno(err, rc, "starting '%s'", argv[0]);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return lr_error_errno(err, errno, "waiting for '%s'", argv[0]);
    d->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

static bool agreed(const struct desk *d, const struct place *p, bool yes, struct lr_error *err)
{
    if (!p->asks || yes)
        return true;
    if (!d->tty)
        return lr_error_set(err, LR_EUSAGE, "'%s' wants --yes where nobody can be asked", p->verb);
    _free_ char *question = xasprintf("%s: %s. Go on?", p->verb, summary_of(d, p));
    return ask_yes(question, "nothing was done", err);
}

/* The briefing says `labrun ssh LAB NODE`. */
static bool is_our_lab(const struct desk *d, const char *word)
{
    _lr_error_ struct lr_error none = LR_ERROR_INIT;
    size_t node;
    return streq(word, d->lab->name) && !lab_node(d->lab, word, false, &node, &none);
}

/* The command line that LINE stands for; *ret_yes: it need not be asked whether it is meant. */
static bool translate(const struct desk *d, const struct place *p, char *line, struct strv *ret,
    bool *ret_yes, struct lr_error *err)
{
    const char *node = NULL;
    size_t first = 0;
    bool named = false;
    _strv_ struct strv flags = STRV_INIT;
    *ret_yes = false;
    for (char *word; !(p->command && node) && (word = next_word(&line));) {
        bool yes = p->asks && streq(word, "--yes");
        if (yes)
            *ret_yes = true;
        else if (!named && !node && is_our_lab(d, word))
            named = true;
        else if (p->flag && streq(word, p->flag))
            strv_add(&flags, word);
        else if (*word != '-' && p->node != NO_NODE && !node)
            node = word;
        else
            return lr_error_set(
                err, LR_EUSAGE, "'%s' has no place here: %s", word, p->usage ? p->usage : p->verb);
    }
    /* Always a node: without one, the lab's name could be taken for a node of another lab. */
    if (!node && p->node == NODE_OPERAND && !lab_node(d->lab, NULL, true, &first, err))
        return false;
    if (!node && p->node == NODE_OPERAND)
        node = d->lab->plan->nodes[first].name;
    strv_add(ret, d->c->program->name);
    strv_add(ret, "--state-dir");
    strv_add(ret, d->c->state_dir);
    strv_add(ret, p->verb);
    for (size_t i = 0; i < flags.n; i++)
        strv_add(ret, flags.items[i]);
    if (node && p->node == NODE_OPTION) {
        strv_add(ret, "--node");
        strv_add(ret, node);
    }
    strv_add(ret, d->lab->name);
    if (node && p->node == NODE_OPERAND)
        strv_add(ret, node);
    line += strspn(line, " \t\r");
    if (has_prefix(line, "-- "))
        line += 3;
    if (p->command && *line) {
        strv_add(ret, "--");
        strv_add(ret, line);
    }
    return true;
}

static bool do_line(struct desk *d, char *line, struct lr_error *err)
{
    const char *verb = next_word(&line);
    d->status = 0;
    if (verb && streq(verb, d->c->program->name))
        verb = next_word(&line);
    if (!verb)
        return true;
    if (streq(verb, "exit") || streq(verb, "quit")) {
        d->left = true;
        return true;
    }
    if (streq(verb, "help")) {
        show_places(d);
        return true;
    }
    const struct place *p = place_of(verb);
    if (!p) {
        lr_error_set(err, LR_EUSAGE, "there is no '%s' here", verb);
        return lr_error_hint(err, "`help` says what there is");
    }
    _strv_ struct strv args = STRV_INIT;
    bool yes;
    return translate(d, p, line, &args, &yes, err) && agreed(d, p, yes, err) &&
        run_child(d, &args, err);
}

/* The lab that the candidate came to is there, and not another one of its name. */
static bool is_there(const struct desk *d)
{
    _lr_error_ struct lr_error none = LR_ERROR_INIT;
    _lab_ struct lab *now = NULL;
    return lab_find(d->c->state_dir, d->lab->name, &now, &none) && now->attempt &&
        streq(now->attempt, d->lab->attempt);
}

static bool next_line(struct desk *d, bool *ret_end, struct lr_error *err)
{
    _free_ char *line = NULL;
    *ret_end = false;
    if (!read_line(&line, err))
        return false;
    *ret_end = !line;
    if (line && !is_there(d))
        return lr_error_set(err, LR_ENOTHING, "the lab has ended");
    return !line || do_line(d, line, err);
}

/* A line that is wrong is told of, and the next one is awaited. */
static bool serve(struct desk *d, struct lr_error *err)
{
    bool end = false;
    while (!d->left && !end && is_there(d)) {
        _lr_error_ struct lr_error own = LR_ERROR_INIT;
        if (d->tty)
            fprintf(d->c->out.file, "%s> ", d->lab->name);
        fflush(d->c->out.file);
        if (next_line(d, &end, &own))
            continue;
        if (own.code == LR_EINTERRUPTED) {
            lr_error_move(err, &own);
            return false;
        }
        print_error(stderr, d->c->program->name, &own);
        d->status = lr_error_exit_status(own.code);
    }
    if (end && d->tty)
        fprintf(d->c->out.file, "\n");
    return true;
}

/* By its name, or by the attempt that it is of: names come again, attempts do not. Who comes for a
 * lab that has ended is told nothing of others. */
static bool find(const struct cmd *c, struct lab **ret, struct lr_error *err)
{
    const char *ref = cmd_operand(c, 0);
    _lr_error_ struct lr_error own = LR_ERROR_INIT, none = LR_ERROR_INIT;
    _attempt_ struct attempt *a = NULL;
    _lab_ struct lab *lab = NULL;
    bool by_attempt = ref && attempt_find(c->state_dir, ref, &a, &none) && streq(a->id, ref);
    bool found = lab_find(c->state_dir, by_attempt ? a->lab : ref, &lab, &own) && lab->attempt &&
        (!by_attempt || streq(lab->attempt, ref));
    if (!found && !ref && own.code != LR_OK) {
        lr_error_move(err, &own);
        return false;
    }
    if (!found)
        return lr_error_set(
            err, LR_ENOTHING, "there is no lab '%s', or it has ended", ref ? ref : "-");
    *ret = STEAL(lab);
    return true;
}

static bool run(struct cmd *c, struct lr_error *err)
{
    _lab_ struct lab *lab = NULL;
    if (!find(c, &lab, err))
        return false;
    struct desk d = {.c = c, .lab = lab, .tty = isatty(STDIN_FILENO)};
    const char *asked = getenv("SSH_ORIGINAL_COMMAND");
    progress_hide(c->progress);
    /* Ctrl-Z must not lead to the shell that this was started from, and ctrl-C is for what runs. */
    signal(SIGTSTP, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    bool ok;
    if (asked) {
        d.alone = true;
        _free_ char *line = xstrdup(asked);
        ok = do_line(&d, line, err);
    } else {
        if (d.tty)
            fprintf(c->out.file,
                "The lab is '%s'. `brief` is the task, `help` says what else there is.\n",
                lab->name);
        ok = serve(&d, err);
    }
    c->status = d.status;
    return ok;
}

const struct verb verb_desk = {
    .name = "desk",
    .group = "For the candidate",
    .summary =
        "brief, ssh, hint, grade, finish of one lab, line by line, and nothing else of the host",
    .help =
        "For a candidate who must not have a shell on the host, where the answers are. As the "
        "command of a key in root's authorized_keys it lets in whoever has the key, and to this "
        "lab alone:\n\n"
        "    restrict,pty,command=\"labrun desk ATTEMPT\" ssh-ed25519 AAAA...\n\n"
        "The candidate then says `ssh -t root@HOST`, or one line at a time: `ssh -t root@HOST ssh "
        "ceph1`, `ssh root@HOST grade`. `proxy NODE` is there too, for a ProxyCommand.\n\n"
        "ATTEMPT is the folder that `labrun status LAB` names. With the lab's name instead, the key "
        "would let its owner into a later lab of that name, too.\n\n"
        "The exit status is that of the last line.",
    .operands =
        (const struct operand_def[]){{"LAB|ATTEMPT", "attempt", OPERAND_OPTIONAL}, OPERANDS_END},
    .run = run,
};
