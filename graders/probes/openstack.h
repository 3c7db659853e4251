/* The `openstack` probe, inside: parameters (openstack.c, openstack_server.c), the programs that
 * ask (openstack_program.c, openstack_tasks.c, openstack_server.c), asking (openstack_ask.c),
 * judging (openstack_judge.c).
 *
 * The cloud is in the candidate's hands, the witness is not. So nothing that the cloud says decides
 * whom the witness asks next: the address of keystone is that of the witness's own clouds.yaml, and
 * those of the other APIs are the scenario's. A catalog is judged, and never followed. */
#ifndef LABRUN_GRADERS_OPENSTACK_H
#define LABRUN_GRADERS_OPENSTACK_H

#include "graders/probes/node.h"

#define OPENSTACK_CLOUDS "/etc/openstack/clouds.yaml"

/* What is asked; exactly one of these in a probe. */
enum openstack_task {
    OPENSTACK_TOKEN,
    OPENSTACK_CATALOG,
    OPENSTACK_SERVICES,
    OPENSTACK_AGENTS,
    OPENSTACK_SERVER,
    OPENSTACK_IMAGE,
    OPENSTACK_VOLUME,
    N_OPENSTACK_TASKS /* none */
};
extern const char *const openstack_task_names[]; /* their keys; NULL-terminated */

/* APIs that are asked, beside keystone. */
enum openstack_api {
    OPENSTACK_COMPUTE_API,
    OPENSTACK_IMAGE_API,
    OPENSTACK_NETWORK_API,
    OPENSTACK_VOLUME_API,
    N_APIS
};
extern const char *const openstack_api_names[];

/* What a catalog has for a type of service. */
struct openstack_entry {
    char *type;
    char *url;
};

struct openstack_server {
    char *image; /* by name, as the next two */
    char *flavor;
    char *network;
    char *host;     /* NULL: the scheduler chooses */
    char *path;     /* NULL: HTTP is not asked */
    char *metadata; /* path that says what the metadata service says; NULL: that is not asked */
    /* A transfer with another guest; NULL: there is none. */
    char *peer;   /* its address */
    char *fetch;  /* path: before an address, it says the digest of what it gets from there */
    char *digest; /* path that says the digest of what the guest has */
};

struct openstack_volume {
    int64_t size_mib; /* whole GiB */
    char *type;       /* by name; NULL: the cloud's default */
};

struct openstack_params {
    char *clouds; /* file on the node; NULL: OPENSTACK_CLOUDS */
    char *cloud;  /* NULL: the only one there */
    char *ca;     /* file on the node; NULL: what clouds.yaml says */
    char *endpoints[N_APIS];
    enum openstack_task task;
    int64_t rounds; /* of `token` */
    struct openstack_entry *catalog;
    size_t n_catalog;
    char *of;          /* binary of `services`, type of `agents` */
    struct strv hosts; /* of both */
    int64_t beat_ms;   /* how long a heartbeat is waited for */
    struct openstack_server server;
    int64_t size_mib; /* of `image` */
    struct openstack_volume volume;
};

/* Reads V into S, which is all zero. */
void openstack_read_server(struct reader *r, const struct value *v, struct openstack_server *s);
void openstack_free_server(struct openstack_server *s); /* what it points to */
json_t *openstack_server_schema(void);                  /* reference owned by the caller */

/* The program for TASK, for node_python(); owned. */
char *openstack_program(enum openstack_task task);
extern const char openstack_base[], openstack_end[]; /* parts of it */
extern const char openstack_token[], openstack_catalog[], openstack_beats[], openstack_objects[],
    openstack_server[], openstack_image[], openstack_volume[];

/* Whether TASK asks API. */
bool openstack_needs(enum openstack_task task, enum openstack_api api);

/* What will be asked, for the evidence; owned. */
char *openstack_asked(const struct openstack_params *p);

/* Asks the cloud from the check's node. False with O set to an error: there is no time for it, the
 * node lacks what it needs to ask, or its answer is none. Reference owned by the caller. */
bool openstack_ask(const struct openstack_params *p, struct probe_ctx *ctx, json_t **ret,
    struct outcome *o) _must_check_;

/* What is expected, before anything was seen. */
void openstack_expect(const struct openstack_params *p, struct tally *t);

/* Judges the answer of openstack_ask(). What the program did not say, or not in the right order, is
 * an error, never a pass. */
void openstack_judge(const struct openstack_params *p, const json_t *answer, struct outcome *o);

#endif
