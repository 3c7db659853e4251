/* Addresses and prefixes as scenarios and tools write them, in one spelling. */
#ifndef LABRUN_GRADERS_INET_H
#define LABRUN_GRADERS_INET_H

#include "scenario/reader.h"

struct inet {
    int family;    /* AF_INET or AF_INET6 */
    int prefix;    /* length; of an address without one: -1 */
    char text[64]; /* "10.0.0.0/24", "fd00::1" as inet_ntop writes them */
};

/* Returns NULL with *ret set, or what is wrong with TEXT. Bits after the prefix must be 0. */
const char *inet_parse(const char *text, struct inet *ret);

/* Custom readers into struct strv (no item twice) and char *; in one spelling. */
void read_prefixes(struct reader *r, const struct value *v, void *member);
void read_addresses(struct reader *r, const struct value *v, void *member);
void read_prefix(struct reader *r, const struct value *v, void *member);
void read_address(struct reader *r, const struct value *v, void *member);
#define TEXTS_SCHEMA "{\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}}"
#define TEXT_SCHEMA  "{\"type\": \"string\"}"

/* True when both are the same address; what is none is compared as text. */
bool inet_same(const char *a, const char *b);

static inline const char *inet_family_name(int family)
{
    return family == 2 /* AF_INET */ ? "ipv4" : "ipv6";
}

#endif
