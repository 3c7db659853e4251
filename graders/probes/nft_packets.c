#include "graders/probes/inet.h"
#include "graders/probes/nft.h"

#define MAX_PACKETS 64
#define NOT_SAID    ((size_t)-1)

static void read_node_name(struct reader *r, const struct value *v, void *member)
{
    static const struct field text = {.key = "from", .type = FIELD_T_STRING, .max = 32};
    struct nft_packet *p = (void *)((char *)member - offsetof(struct nft_packet, from_name));
    read_field(r, v, &text, member);
    p->at = v;
}

static const struct field packet_fields[] = {
    FIELD_CUSTOM("from", struct nft_packet, from_name, read_node_name, 0,
        .schema = "{\"$ref\": \"#/$defs/node-name\"}", .help = "default the check's node"),
    FIELD_CUSTOM("to", struct nft_packet, to, read_address, FIELD_REQUIRED, .schema = TEXT_SCHEMA,
        .help = "an address, v4 or v6"),
    FIELD_INT("port", struct nft_packet, port, FIELD_REQUIRED, .min = 1, .max = 65535),
    FIELD_CUSTOM("source", struct nft_packet, source, read_address, 0, .schema = TEXT_SCHEMA,
        .help = "one of the sender's addresses, to send from"),
    FIELD_INT("source_port", struct nft_packet, source_port, 0, .min = 1, .max = 65535,
        .help = "that the connection comes from: what a filter without state takes for an answer"),
};

void nft_read_packets(struct reader *r, const struct value *v, void *member)
{
    struct nft_packets *p = member;
    if (!read_is_list(r, v, NULL, 1, MAX_PACKETS))
        return;
    for (size_t i = 0; i < v->n; i++) {
        struct nft_packet *packet = array_append(p->items, p->n);
        packet->from = NOT_SAID;
        read_map(r, &v->items[i], packet_fields, N_FIELDS(packet_fields), packet);
        if (packet->to && packet->source &&
            !strchr(packet->to, ':') != !strchr(packet->source, ':'))
            problems_add(r->problems, value_get(&v->items[i], "source"),
                "'source' is not of the family of 'to'");
    }
}

void nft_check_packets(struct nft_packets *p, struct reader *r, const struct scenario *sc)
{
    for (size_t i = 0; i < p->n; i++) {
        struct nft_packet *packet = &p->items[i];
        int node = packet->from_name ? scenario_check_node(r, packet->at, sc) : -1;
        if (node >= 0)
            packet->from = (size_t)node;
        packet->at = NULL;
    }
}

void nft_free_packets(struct nft_packets *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->items[i].from_name);
        free(p->items[i].to);
        free(p->items[i].source);
    }
    free(p->items);
    *p = (struct nft_packets){0};
}

json_t *nft_packets_schema(void)
{
    return json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", 1, "maxItems",
        MAX_PACKETS, "items", fields_schema(packet_fields, N_FIELDS(packet_fields)));
}

/* All connections of one node at once, or many that are silently dropped would take their waits one
 * after the other. */
static const char program[] =
    "import errno, json, os, select, socket, sys, time\n"
    "q = json.loads(sys.argv[1])\n"
    "end = time.monotonic() + q['wait']\n"
    "answer = [None] * len(q['tries'])\n"
    "waiting = {}\n"
    "unreachable = " PYTHON_UNREACHABLE "\n"
    "def end_of(code):\n"
    /* Reset at once: the three-way handshake came about all the same. */
    "    if code in (0, errno.ECONNRESET):\n"
    "        return 'open'\n"
    "    if code == errno.ECONNREFUSED:\n"
    "        return 'refused'\n"
    "    if code in unreachable:\n"
    "        return 'filtered'\n"
    "    raise OSError(code, os.strerror(code))\n"
    "def say(i, code):\n"
    "    answer[i] = [end_of(code), os.strerror(code) if code else '']\n"
    "poll = select.poll()\n"
    "for i, (to, port, source, source_port) in enumerate(q['tries']):\n"
    "    s = socket.socket(socket.AF_INET6 if ':' in to else socket.AF_INET)\n"
    "    s.setblocking(False)\n"
    "    if source or source_port:\n"
    "        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
    "        try:\n"
    "            s.bind((source or '', source_port))\n"
    "        except OSError as e:\n"
    "            answer[i] = ['unsent', e.strerror]\n"
    "            continue\n"
    "    code = s.connect_ex((to, port))\n"
    "    if code != errno.EINPROGRESS:\n"
    "        say(i, code)\n"
    "        continue\n"
    "    waiting[s.fileno()] = (i, s)\n"
    "    poll.register(s, select.POLLOUT)\n"
    "while waiting and time.monotonic() < end:\n"
    "    for fd, _ in poll.poll(max(1, (end - time.monotonic()) * 1000)):\n"
    "        i, s = waiting.pop(fd)\n"
    "        poll.unregister(fd)\n"
    "        say(i, s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))\n"
    "        s.close()\n"
    "for i, s in waiting.values():\n"
    "    answer[i] = ['filtered', 'no answer']\n"
    "print(json.dumps(answer))\n";

static size_t sender(const struct nft_packet *p, const struct probe_ctx *ctx)
{
    return p->from == NOT_SAID ? ctx->node : p->from;
}

static void add_tries(
    const struct nft_packets *p, const struct probe_ctx *ctx, size_t node, json_t *tries)
{
    for (size_t i = 0; i < p->n; i++)
        if (sender(&p->items[i], ctx) == node)
            json_array_append_new(tries,
                json_pack("[s, I, s?, I]", p->items[i].to, (json_int_t)p->items[i].port,
                    p->items[i].source, (json_int_t)p->items[i].source_port));
}

static bool is_state(const char *s)
{
    return streq(s, "open") || streq(s, "refused") || streq(s, "filtered");
}

/* Takes the answers of NODE off in the order in which they were asked, from *NEXT on. */
static bool judge_tries(const struct nft_packets *p, const struct probe_ctx *ctx, size_t node,
    bool open, const json_t *answers, size_t *next, struct tally *t, struct outcome *o)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct nft_packet *k = &p->items[i];
        if (sender(k, ctx) != node)
            continue;
        const json_t *answer = json_array_get(answers, (*next)++);
        const char *state = json_string_value(json_array_get(answer, 0));
        const char *text = json_string_value(json_array_get(answer, 1));
        if (state && text && streq(state, "unsent")) {
            outcome_set(o, VERDICT_ERROR, "%s cannot send to %s port %lld as it was told to: %s",
                ctx->scenario->nodes[node].name, k->to, (long long)k->port, text);
            return false;
        }
        if (!state || !text || !is_state(state)) {
            outcome_set(o, VERDICT_ERROR, "the answer of %s is not as it should be",
                ctx->scenario->nodes[node].name);
            return false;
        }
        _strbuf_ struct strbuf source = STRBUF_INIT;
        if (k->source)
            strbuf_addf(&source, " (from %s)", k->source);
        if (k->source_port)
            strbuf_addf(&source, " (from port %lld)", (long long)k->source_port);
        _free_ char *what = xasprintf("%s to %s port %lld%s", ctx->scenario->nodes[node].name,
            k->to, (long long)k->port, source.len ? source.data : "");
        tally_expect(t, "%s: %s", what, open ? "open" : "closed");
        tally_saw(
            t, streq(state, "open") == open, "%s: %s%s%s", what, state, *text ? ", " : "", text);
    }
    return true;
}

static bool try_from(const struct nft_params *p, const struct probe_ctx *ctx, size_t node,
    struct tally *t, struct outcome *o)
{
    struct probe_ctx there = *ctx;
    there.node = node;
    json_t *tries = json_array();
    add_tries(&p->open, ctx, node, tries);
    add_tries(&p->closed, ctx, node, tries);
    size_t n = json_array_size(tries), next = 0;
    if (n == 0) {
        json_decref(tries);
        return true;
    }
    json_t *question = json_pack(
        "{s:o, s:f}", "tries", tries, "wait", (double)node_wait(&there, p->wait_ms) / 1000);
    _json_ json_t *answers = NULL;
    if (!node_python(&there, program, question, &answers, o))
        return false;
    if (json_array_size(answers) != n) {
        outcome_set(o, VERDICT_ERROR, "%s answered %zu of %zu connections", node_name(&there),
            json_array_size(answers), n);
        return false;
    }
    return judge_tries(&p->open, ctx, node, true, answers, &next, t, o) &&
        judge_tries(&p->closed, ctx, node, false, answers, &next, t, o);
}

bool nft_try_packets(
    const struct nft_params *p, struct probe_ctx *ctx, struct tally *t, struct outcome *o)
{
    for (size_t node = 0; node < ctx->scenario->n_nodes; node++)
        if (!try_from(p, ctx, node, t, o))
            return false;
    return true;
}
