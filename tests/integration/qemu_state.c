/* The state of a machine goes out into a file and comes in from it, whole or not at all. The
 * machines never run: this takes seconds where emulated ones take minutes. */
#include "driver/qemu/domain.h"
#include "driver/qemu/host.h"
#include "driver/qemu/qmp.h"
#include "qemu_lab.h"
#include "util/fs.h"
#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_MS (60 * 1000)

static struct lr_error err = LR_ERROR_INIT;

/* A machine without disk or kernel, not running; INCOMING: it waits for its state. */
static virDomainPtr machine(virConnectPtr c, const struct qemu_host *h, bool incoming)
{
    _free_ char *xml =
        xasprintf("<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
                  "<name>labrun-state-%d</name><memory unit='MiB'>64</memory>"
                  "<os><type arch='x86_64' machine='%s'>hvm</type></os>"
                  "<devices><emulator>%s</emulator><controller type='usb' model='none'/>"
                  "<memballoon model='none'/></devices>"
                  "<qemu:commandline>%s</qemu:commandline></domain>",
            (int)getpid(), h->machine, h->emulator,
            incoming ? "<qemu:arg value='-incoming'/><qemu:arg value='defer'/>" : "");
    virDomainPtr d = virDomainCreateXML(c, xml, VIR_DOMAIN_START_PAUSED);
    CHECK(d);
    return d;
}

/* An emulator whose state was refused may have gone already. */
static virConnectPtr connection;
static char file[] = "/var/tmp/labrun-state-XXXXXX";

static void clean(void)
{
    _free_ char *name = xasprintf("labrun-state-%d", (int)getpid());
    virDomainPtr left = connection ? virDomainLookupByName(connection, name) : NULL;
    if (left)
        virDomainDestroy(left);
    unlink(file);
}

static void end_machine(virDomainPtr d)
{
    CHECK(virDomainDestroy(d) == 0 || virDomainIsActive(d) != 1);
    virDomainFree(d);
}

static bool take_in(virConnectPtr c, const struct qemu_host *h, const char *path)
{
    virDomainPtr d = machine(c, h, true);
    _close_ int in = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(in >= 0);
    lr_error_clear(&err);
    bool ok = qmp_state_in(d, in, deadline_in(STATE_MS), &err);
    end_machine(d);
    return ok;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    _virt_connect_ virConnectPtr c = NULL;
    struct qemu_host h;
    if (!virt_open("qemu:///system", &c, &err) || !qemu_host_inspect(c, &h, &err)) {
        printf("skipped: %s\n", err.message);
        return 77;
    }
    connection = c;
    int out = mkstemp(file);
    CHECK(out >= 0 && atexit(clean) == 0);
    alarm(300); /* rather than hang */

    virDomainPtr d = machine(c, &h, false);
    MUST(qmp_state_out(d, out, deadline_in(STATE_MS), &err));
    end_machine(d);
    struct stat st;
    CHECK(fstat(out, &st) == 0);
    say("the state is %lld bytes", (long long)st.st_size);
    CHECK(st.st_size > 64 * 1024); /* more than a pipe holds */
    if (!take_in(c, &h, file))
        fail_at(__FILE__, __LINE__, "the state is not taken", &err);
    say("and is taken");

    CHECK(ftruncate(out, st.st_size / 2) == 0);
    CHECK(!take_in(c, &h, file) && err.code != LR_ETIMEOUT);
    say("half of it is not: %s", err.message);
    CHECK(ftruncate(out, 0) == 0 && ftruncate(out, st.st_size) == 0);
    CHECK(!take_in(c, &h, file) && err.code != LR_ETIMEOUT);
    say("nor are as many zeros: %s", err.message);

    close(out);
    clean();
    connection = NULL;
    qemu_host_free(&h);
    return 0;
}
