/* A program for sh goes to the node through stdin and answers in sections, one a command, each with
 * its exit status (parse.c reads them). The marks hold a random word, so that nothing that stands
 * in a file of the node can pass for one. Every command has its own time limit: one that hangs
 * costs its section and leaves the others. */
#include "graders/collateral/ask.h"
#include "graders/collateral/parse.h"
#include "graders/probes/node.h"
#include "util/hash.h"

#define ANSWER_CAP ((size_t)4 << 20)

static const char program[] =
    "set -f\n"
    "token=$1 wanted=\" $2 always \" settle=$3 since=$4\n"
    "section() {\n"
    "    name=$1 limit=$3 status=0\n"
    "    case $wanted in *\" $2 \"*) ;; *) return 0 ;; esac\n"
    "    shift 3\n"
    "    printf '%s begin %s\\n' \"$token\" \"$name\"\n"
    "    /usr/bin/timeout -k 1 \"$limit\" \"$@\" 2>/dev/null || status=$?\n"
    "    printf '\\n%s end %s %d\\n' \"$token\" \"$name\" \"$status\"\n"
    "}\n"
    "section clock always 5 /usr/bin/date +%s.%N\n"
    "section settled always \"$settle\" /usr/bin/systemctl is-system-running --wait\n"
    "folders='/etc/systemd/system /run/systemd/system /run/systemd/transient "
    "/run/systemd/generator /usr/local/lib/systemd/system /usr/lib/systemd/system'\n"
    "section unit-files units 20 /usr/bin/find $folders -mindepth 1 -maxdepth 2 ! -type d "
    "-printf '%H|%P|%y|%s|%l\\n'\n"
    "section installs units 20 /usr/bin/grep -rlsx --include=*.service --include=*.socket "
    "--include=*.timer --include=*.path '\\[Install\\]' $folders\n"
    "section units units 20 /usr/bin/systemctl list-units --all --no-pager --no-legend --plain "
    "--full -t service,socket,timer,path\n"
    "section ports ports 20 /usr/bin/ss -Htulnp\n"
    "section firewall firewall 20 /usr/sbin/nft -j list ruleset\n"
    "section mounts mounts 20 /usr/bin/cat /proc/self/mountinfo\n"
    "section passwd users 20 /usr/bin/cat /etc/passwd\n"
    "section shadow users 20 /bin/sh -c '\n"
    "    while IFS=: read -r name password rest; do\n"
    "        case $password in \"\") is=empty ;; !*|\\**) is=locked ;; *) is=set ;; esac\n"
    "        printf \"%s:%s\\n\" \"$name\" \"$is\"\n"
    "    done </etc/shadow'\n"
    "section group users 20 /usr/bin/cat /etc/group\n"
    "section sysctls sysctls 20 /usr/bin/find /proc/sys/kernel /proc/sys/vm /proc/sys/fs "
    "/proc/sys/net -type f -readable -writable -exec /usr/bin/grep -sH '' {} +\n"
    "section packages packages 20 /usr/bin/dpkg-query -W "
    "-f '${Package}:${Architecture} ${db:Status-Abbrev} ${Version}\\n'\n"
    /* Without what services keep for themselves while they run. */
    "own='apt ceph chrony etcd frr lastlog logrotate mysql openvswitch ovn postgresql private "
    "rabbitmq redis systemd wtmpdb'\n"
    "but='-path /var/lib/labrun'\n"
    "for name in $own; do but=\"$but -o -path /var/lib/$name\"; done\n"
    "section files files 20 /usr/bin/find /etc /root /var/lib -xdev '(' $but ')' -prune -o "
    "'(' -newerct \"@$since\" '(' -type d -printf '%p/\\n' -o -printf '%p\\n' ')' ')'\n"
    "exit 0\n";

/* "units ports", the words that the program knows. */
static char *words_of(const struct facts_question *q)
{
    struct strbuf b = STRBUF_INIT;
    for (int k = 0; k < N_FACT_KINDS; k++)
        if (q->kinds & 1U << k)
            strbuf_addf(&b, "%s ", fact_names[k]);
    if (q->changed_since > 0)
        strbuf_adds(&b, "files");
    return strbuf_steal(&b);
}

static char *command_of(const struct facts_question *q, const char *token)
{
    _free_ char *words = words_of(q);
    _free_ char *settle = xasprintf("%.1f", (double)q->settle_ms / 1000);
    _free_ char *since = xasprintf("%.6f", q->changed_since);
    const char *argv[] = {"/bin/sh", "-s", "--", token, words, settle, since, NULL};
    int64_t left = q->until.at_ms - now_ms();
    return node_command(argv, left > 0 ? left : 0, 1);
}

static void all_untold(struct node_facts *ret, unsigned kinds, const char *why)
{
    for (int k = 0; k < N_FACT_KINDS; k++)
        facts_set_untold(&ret->kinds[k], "%s", kinds & 1U << k ? why : "not asked for");
    facts_set_untold(&ret->files, "%s", why);
}

void facts_ask(size_t node, const struct facts_question *q, facts_run_fn run, void *data,
    struct node_facts *ret)
{
    _free_ char *random = random_token(24);
    _free_ char *token = xasprintf("@%s@", random);
    _free_ char *command = command_of(q, token);
    struct run_request req = {
        .command = command,
        .input = program,
        .input_len = sizeof program - 1,
        .cap = ANSWER_CAP,
        .deadline = q->until,
    };
    _lr_error_ struct lr_error err = LR_ERROR_INIT;
    _run_result_ struct run_result r = {0};
    if (!run(node, &req, &r, data, &err)) {
        _free_ char *why = xasprintf("the node could not be asked: %s", err.message);
        all_untold(ret, q->kinds, why);
    } else if (!r.out || r.out_len == 0) {
        _free_ char *how = run_result_describe(&r);
        _free_ char *why = xasprintf("the node gave no answer: %s", how);
        all_untold(ret, q->kinds, why);
    } else {
        facts_parse(r.out, r.out_len, token, q->kinds, ret);
    }
}
