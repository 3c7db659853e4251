/* A small lab for the qemu driver's integration tests: two nodes on one network, from the image
 * "mini", in a state folder of its own below /var/tmp. */
#ifndef LABRUN_TESTS_QEMU_LAB_H
#define LABRUN_TESTS_QEMU_LAB_H

#include "driver/driver.h"
#include "transport/keys.h"

#define N_NODES      2
#define TEST_BOOT_MS (10 * 60 * 1000) /* an emulated boot on a busy machine */

/* Ends the test program with the place and the text; ERR may be NULL. */
void fail_at(const char *file, int line, const char *what, const struct lr_error *err)
    __attribute__((noreturn));
#define CHECK(x) ((x) ? (void)0 : fail_at(__FILE__, __LINE__, #x, NULL))
#define MUST(x)  ((x) ? (void)0 : fail_at(__FILE__, __LINE__, #x, &err))

struct bench {
    char *state_dir;
    char *image; /* the image folder of both nodes */
    struct driver *driver;
    struct keypair host; /* every node's, and the login's */
    struct keypair user;
    char *key_file;
};

/* Prepares everything, or ends the program with 77 and the reason when the host lacks something. */
void bench_open(struct bench *b);
/* Closes it and removes the state folder; fails if anything of it is still mounted or running. */
void bench_close(struct bench *b);

struct plan *bench_plan(const struct bench *b, const char *lab);
/* STATE/labs/LAB, made; owned. */
char *bench_lab_dir(const struct bench *b, const struct plan *p);
/* STATE/stages/NAME, made; owned. */
char *bench_stage_dir(const struct bench *b, const char *name);

/* create() with seeds; STAGE NULL: from the image. */
bool bench_create(struct bench *b, const struct plan *p, const char *stage, bool for_stage,
    bool *ret_cold, const char *lab_dir, struct lr_error *err);

/* Runs a command on a node over ssh and gives its output; fails the test when it does not exit 0.
 */
char *bench_ssh(
    struct bench *b, const struct plan *p, size_t node, const char *lab_dir, const char *command);
/* Waits until every node shows its banner. */
void bench_answer(struct bench *b, const struct plan *p, const char *lab_dir);

/* Names of libvirt domains and networks that start with PREFIX, one a line; owned. */
char *bench_leftovers(const char *prefix);

void say(const char *fmt, ...) _printf_(1, 2);

#endif
