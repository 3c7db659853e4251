/* Addresses of nodes: text into struct address, and the questions asked of them. Private to
 * scenario/; pure. */
#ifndef LABRUN_SCENARIO_ADDRESS_H
#define LABRUN_SCENARIO_ADDRESS_H

#include "scenario/model.h"

/* Reads "10.20.0.11/24" or "fd20::11/64". Returns NULL with *ret set, or what is wrong with it. */
const char *address_parse(const char *text, struct address *ret);
bool address_equal(const struct address *a, const struct address *b);
/* Same family, same length of prefix, same network part. */
bool address_same_subnet(const struct address *a, const struct address *b);
/* "10.20.0.0/24"; owned by the caller. */
char *address_subnet_text(const struct address *a);

#endif
