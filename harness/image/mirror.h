/* Where packages come from: what the host's own apt uses. The parsers are pure. */
#ifndef LABRUN_IMAGE_MIRROR_H
#define LABRUN_IMAGE_MIRROR_H

#include "util/error.h"
#include "util/mem.h"

/* The address of the first source in TEXT that is a mirror of Debian's archive: type deb, component
 * main, a suite with a name of Debian's and not its security updates. With SURE also an address or
 * a key of Debian's: other archives use the same words. NULL if there is none; owned. */
char *mirror_from_list(const char *text, bool sure);    /* one-line form: *.list */
char *mirror_from_sources(const char *text, bool sure); /* deb822 form: *.sources */

/* From the output of `apt-config dump`, what decides how apt downloads (proxies, dates, retries),
 * as lines for a configuration file of apt: `Acquire::http::Proxy "…";` */
void mirror_apt_options(const char *dump, struct strv *ret);

/* How the host reaches its mirror. */
struct mirror {
    char *uri;
    struct strv apt_options;
};

/* LABRUN_MIRROR if set, else the host's own. */
bool mirror_of_host(struct mirror *ret, struct lr_error *err) _must_check_;
void mirror_free(struct mirror *m);
#define _mirror_ _cleanup_(mirror_free)

#endif
