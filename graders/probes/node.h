/* What probes share: running a command on a node in a clean environment, and reading its answer.
 *
 * What can be trusted. On a witness, everything: the candidate cannot enter it. On a candidate's
 * node root belongs to the candidate, so no answer can be trusted against somebody who forges it:
 * sshd starts root's login shell, and what that, the C library or the kernel does is theirs. What
 * is done here keeps accidents out: the login shell's own files (bash reads ~/.bashrc for remote
 * commands) may set PATH, aliases or LD_PRELOAD, or print a greeting. So the command is `exec
 * /usr/bin/env -i`, programs have absolute paths, and output counts from a marker on. Checks that
 * matter ask a witness. */
#ifndef LABRUN_GRADERS_NODE_H
#define LABRUN_GRADERS_NODE_H

#include "graders/probe.h"

/* Runs ARGV on the check's node, with INPUT as its stdin, to its end. False, with O set to
 * VERDICT_ERROR and the reason, when that end was not an exit status, when output was cut off, or
 * when ARGV could not be executed at all. */
bool node_run(struct probe_ctx *ctx, const char *const argv[], const void *input, size_t input_len,
    struct run_result *ret, struct outcome *o) _must_check_;

/* The same for a tool whose answer is JSON: its exit status must be 0 and its stdout one JSON
 * value, else O is an error. Reference owned by the caller. */
bool node_json(struct probe_ctx *ctx, const char *const argv[], const void *input, size_t input_len,
    json_t **ret, struct outcome *o) _must_check_;

/* Runs a Python program of ours on the node (through stdin, isolated from the user's modules),
 * with PARAMS as JSON in its first argument; its answer is JSON. PARAMS is released. */
bool node_python(struct probe_ctx *ctx, const char *program, json_t *params, json_t **ret,
    struct outcome *o) _must_check_;

/* How many times longer than on hardware everything takes here; at least 1. */
int node_patience(const struct probe_ctx *ctx);

/* Of a probe that waits MS for an answer: how long that is here. A try that would end before is
 * made longer, for silence is a finding and a probe that was cut off is not. */
int64_t node_wait(struct probe_ctx *ctx, int64_t ms);

/* In Python: what connect() fails with when nothing comes back but, at most, an ICMP error; of
 * these a port-unreachable alone looks like a reset (ECONNREFUSED). */
#define PYTHON_UNREACHABLE                                                                         \
    "(errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.EACCES, errno.EPERM,\n"        \
    "    errno.ENOPROTOOPT, errno.EPROTO, errno.EHOSTDOWN, errno.ENONET, errno.EOPNOTSUPP)"

/* In Python, at an indentation: the connection C takes no chunk of a negative size, at which the
 * library would read on to the end of the stream, whatever was asked for. */
#define PYTHON_SANE_CHUNKS(indent)                                                                 \
    indent "class Sane(http.client.HTTPResponse):\n" indent                                        \
           "    def _read_next_chunk_size(self):\n" indent                                         \
           "        n = super()._read_next_chunk_size()\n" indent "        if n < 0:\n" indent     \
           "            raise ValueError('a chunk of %d bytes' % n)\n" indent                      \
           "        return n\n" indent "c.response_class = Sane\n"

/* Bytes that a program of ours has sent as hexadecimal digits (as text in JSON one byte may take
 * six) as text: what is not UTF-8, and NUL, become U+FFFD. Owned; NULL when they are none. */
char *node_text(const char *hex);

/* The name of the check's node. */
const char *node_name(const struct probe_ctx *ctx);

/* The command line that node_run() sends; for tests. Owned. */
char *node_command(const char *const argv[], int64_t timeout_ms, int patience);
#define NODE_MARKER "@labrun@"

/* Members of JSON answers. They set *MISSING (if it is not set yet) to KEY when it is not there or
 * of another type, so that many can be asked and the first that was wrong be reported. */
const char *get_string(const json_t *j, const char *key, const char **missing);
int64_t get_int(const json_t *j, const char *key, const char **missing);
double get_number(const json_t *j, const char *key, const char **missing);
bool get_bool(const json_t *j, const char *key, const char **missing);
json_t *get_object(const json_t *j, const char *key, const char **missing);
json_t *get_array(const json_t *j, const char *key, const char **missing);

/* Several expectations of one probe, of which all must hold. Lines that did not are marked. */
struct tally {
    struct strbuf expected;
    struct strbuf seen;
    bool failed;
};

void tally_expect(struct tally *t, const char *fmt, ...) _printf_(2, 3);
void tally_saw(struct tally *t, bool holds, const char *fmt, ...) _printf_(3, 4);
/* "a, b, c", or "none"; owned. */
char *tally_list(const struct strv *v);
/* Sets the outcome: pass when all held. Ends the tally. */
void tally_finish(struct tally *t, struct outcome *o);
void tally_free(struct tally *t);
#define _tally_ _cleanup_(tally_free)

#endif
