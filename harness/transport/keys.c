#include "transport/keys.h"
#include "transport/link.h"
#include "util/mem.h"
#include <libssh/libssh.h>

static void cleanup_key(ssh_key *key)
{
    ssh_key_free(*key);
}

static void cleanup_ssh_string(char **s)
{
    ssh_string_free_char(*s);
}

/* One authorized_keys or known_hosts line: a line break in the comment would begin a second one. */
static char *public_line(const char *base64, const char *comment)
{
    if (!comment || !*comment)
        return xasprintf("ssh-ed25519 %s", base64);
    char *line = xasprintf("ssh-ed25519 %s %s", base64, comment);
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '-';
    return line;
}

bool keypair_make(const char *comment, struct keypair *ret, struct lr_error *err)
{
    if (!transport_init(err))
        return false;
    _cleanup_(cleanup_key) ssh_key key = NULL;
    _cleanup_(cleanup_ssh_string) char *base64 = NULL;
    char *pem = NULL;
    if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "cannot generate an ed25519 key");
    if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "cannot export a public key");
    /* Despite its name it gives the whole file, with its BEGIN and END lines. */
    if (ssh_pki_export_privkey_base64(key, NULL, NULL, NULL, &pem) != SSH_OK)
        return lr_error_set(err, LR_EINFRA, "cannot export a private key");
    ret->private_pem = pem;
    ret->public_line = public_line(base64, comment);
    return true;
}

void keypair_free(struct keypair *k)
{
    if (k->private_pem)
        explicit_bzero(k->private_pem, strlen(k->private_pem));
    free(k->private_pem);
    free(k->public_line);
    *k = (struct keypair){NULL, NULL};
}
