/* From the answer of ask.c's program to facts. Pure. What is not exactly as it should be makes its
 * kind "could not tell" with the reason: a node's root may forge the answer, but not crash us. */
#ifndef LABRUN_GRADERS_PARSE_H
#define LABRUN_GRADERS_PARSE_H

#include "graders/collateral/facts.h"

/* TEXT (terminated, LEN bytes; changed in place) is the program's output, whose sections stand
 * between "TOKEN begin NAME" and "TOKEN end NAME STATUS". KINDS: those that were asked for; the
 * others come out as untold. An answer that broke off serves as far as it goes. RET is
 * node_facts_free()d by the caller in any case. */
void facts_parse(char *text, size_t len, const char *token, unsigned kinds, struct node_facts *ret);

/* One kind each; TEXT is changed. Return NULL, or (static) what was wrong with it. */
const char *parse_units(char *files, char *installs, char *loaded, struct facts *ret);
const char *parse_ports(char *text, struct facts *ret);
const char *parse_mounts(char *text, struct facts *ret);
const char *parse_users(char *passwd, char *shadow, char *group, struct facts *ret);
const char *parse_sysctls(char *text, struct facts *ret);
const char *parse_packages(char *text, struct facts *ret);
/* nft -j: without handles, counters and what comes and goes by itself. */
const char *parse_firewall(const char *text, struct facts *ret);

/* The next line of *TEXT, terminated; NULL at the end. *TEXT moves on. */
char *next_line(char **text);
/* Splits LINE at blanks into at most MAX words, the last of which takes the rest. */
size_t split_words(char *line, char *words[], size_t max);

#endif
