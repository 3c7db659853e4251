/* What a verdict rests on, in a form that can be shown to anybody: printable, capped, no secrets.
 *
 * Everything that comes from a node is untrusted text that ends up on an interviewer's terminal
 * and in an HTML page, so it is made harmless here, once, when it becomes evidence. */
#ifndef LABRUN_GRADERS_EVIDENCE_H
#define LABRUN_GRADERS_EVIDENCE_H

#include "util/mem.h"

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_ERROR, VERDICT_SKIPPED };

#define EVIDENCE_CAP 4096 /* bytes of one part */

/* What was asked, what was expected, what was seen; each owned, or NULL. */
struct evidence {
    char *asked;
    char *expected;
    char *seen;
};

void evidence_clear(struct evidence *e);

const char *verdict_name(enum verdict v); /* "pass", "fail", "error", "skipped" */
bool verdict_from_name(const char *name, enum verdict *ret);

/* TEXT as evidence: secrets blanked, control characters, invisible and direction-changing
 * characters and what is not UTF-8 escaped as \xNN or \u{N}, and with the middle left out when it
 * is longer than EVIDENCE_CAP. Of more than some 100 KB only both ends are looked at. Owned by the
 * caller. */
char *evidence_text(const char *text, size_t len);

/* TEXT with what looks like a secret replaced by "[redacted]": cephx keys, private keys in PEM,
 * values of password, passwd, secret, psk, token and key settings, password hashes, credentials in
 * URLs. Owned. */
char *evidence_redact(const char *text, size_t len);

#endif
