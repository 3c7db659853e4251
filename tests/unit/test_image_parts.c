/* The pure parts of the image builder: where packages come from, how far a build is and why it
 * failed, which modules a disk needs. */
#include "image/artifacts.h"
#include "image/bootstrap.h"
#include "image/mirror.h"
#include <criterion/criterion.h>

#define KEY "/usr/share/keyrings/debian-archive-keyring.gpg"

static void expect_uri(size_t row, char *got, const char *want)
{
    _free_ char *uri = got;
    if (want)
        cr_expect(uri && streq(uri, want), "row %zu: '%s'", row, uri ? uri : "(none)");
    else
        cr_expect_null(uri, "row %zu: '%s'", row, uri);
}

Test(mirror, one_line_sources)
{
    static const struct {
        const char *text;
        bool sure;
        const char *uri;
    } rows[] = {
        {"deb http://m.example/debian bookworm main\n", true, "http://m.example/debian"},
        {"deb http://m.example/debian/ bookworm main", true, "http://m.example/debian/"},
        {"deb [arch=amd64 signed-by=" KEY "]\thttps://m.example/x  trixie-updates contrib main # c",
            true, "https://m.example/x"},
        {"# deb http://m.example/debian bookworm main\n", false, NULL},
        {"deb-src http://m.example/debian bookworm main\n", false, NULL},
        {"deb http://m.example/debian bookworm contrib\n", false, NULL},
        {"deb http://m.example/debian-security bookworm-security main\n", false, NULL},
        {"deb cdrom:[Debian 12]/ bookworm main\ndeb mirror+file:/etc/apt/m.list stable main\n",
            false, "mirror+file:/etc/apt/m.list"},
        {"deb https://vendor.example/apt cloud-sdk-bookworm main\n", false, NULL},
        {"deb https://vendor.example/apt stable main\n", true, NULL},
        {"deb https://vendor.example/apt stable main\n", false, "https://vendor.example/apt"},
        {"deb https://vendor.example/apt bookworm-pgdg main\n", false, NULL},
        {"deb\ndeb x\ndeb http://m.example/debian\n\n", false, NULL},
        {"", false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_uri(i, mirror_from_list(rows[i].text, rows[i].sure), rows[i].uri);
}

Test(mirror, deb822_sources)
{
    static const struct {
        const char *text;
        bool sure;
        const char *uri;
    } rows[] = {
        {"Types: deb\n# a comment\nURIs: http://m.example/debian\nSuites: bookworm "
         "bookworm-updates\nComponents: main\nSigned-By: " KEY "\n\nTypes: deb\n"
         "URIs: http://m.example/debian-security\nSuites: bookworm-security\nComponents: main\n",
            true, "http://m.example/debian"},
        {"Types: deb\nURIs: http://m.example/debian-security\nSuites: bookworm-security\n"
         "Components: main\n\nTypes: deb deb-src\nURIs: http://m.example/a\nSuites: trixie\n"
         "Components: main\nSigned-By: " KEY "\n",
            true, "http://m.example/a"},
        {"types: deb\nuris:\n http://m.example/debian\nsuites: sid\ncomponents:\n contrib\n main",
            true, "http://m.example/debian"},
        {"Enabled: no\nTypes: deb\nURIs: http://m.example/debian\nSuites: sid\nComponents: main\n",
            false, NULL},
        {"Types: deb-src\nURIs: http://m.example/debian\nSuites: sid\nComponents: main\n", false,
            NULL},
        {"Types: deb\nURIs: https://vendor.example/x\nSuites: nodistro\nComponents: main\n", false,
            NULL},
        {"Types: deb\nURIs: https://vendor.example/x\nSuites: stable\nComponents: main\n"
         "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n",
            true, NULL},
        {" stray\n:\nnothing here\n", false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_uri(i, mirror_from_sources(rows[i].text, rows[i].sure), rows[i].uri);
}

Test(mirror, what_decides_how_apt_downloads_is_taken_along)
{
    _strv_ struct strv got = STRV_INIT;
    mirror_apt_options("APT::Architecture \"amd64\";\nAcquire \"\";\nAcquire::http \"\";\n"
                       "Acquire::http::Proxy \"http://p.example:3142\";\n"
                       "Acquire::https::Proxy \"\";\nAcquire::Retries \"3\";\n"
                       "Acquire::Check-Valid-Until \"false\";\nAcquire::Languages \"en\";\n"
                       "Dir::Cache \"var/cache/apt\";\n",
        &got);
    cr_assert_eq(got.n, 3);
    cr_assert_str_eq(got.items[0], "Acquire::http::Proxy \"http://p.example:3142\";");
    cr_assert_str_eq(got.items[1], "Acquire::Retries \"3\";");
    cr_assert_str_eq(got.items[2], "Acquire::Check-Valid-Until \"false\";");
}

Test(bootstrap, stages_are_told_in_words)
{
    bool hook;
    cr_assert_str_eq(
        bootstrap_stage("I: downloading packages with apt...", &hook), "downloading packages");
    cr_assert(!hook);
    cr_assert_not_null(bootstrap_stage("I: running --customize-hook in shell: sh -c 'x'", &hook));
    cr_assert(hook);
    cr_assert_null(bootstrap_stage("Get:1 downloading packages", &hook));
    cr_assert_null(bootstrap_stage("I: chroot architecture amd64", &hook));
}

Test(bootstrap, failures_say_what_to_do)
{
    static const struct {
        const char *tail;
        enum lr_code code;
        const char *said;
        const char *hint;
    } rows[] = {
        {"Err:1 x\n  Temporary failure resolving 'm.example'\nE: Failed to fetch http://m/x  y\n"
         "E: mmdebstrap failed to run\n",
            LR_EINFRA, "E: Failed to fetch http://m/x  y", "LABRUN_MIRROR"},
        {"dpkg: error: failed to write: No space left on device\nE: Failed to fetch x\n", LR_EINFRA,
            "the disk is full", "/log"},
        {"Reading…\nE: Unable to locate package ceph-mom\nE: mmdebstrap failed to run\n",
            LR_ESCENARIO, "ceph-mom", "definition"},
        {"x\nsed: can't read /etc/nothing\nE: setup failed: E: command failed: chroot\n", LR_EINFRA,
            "sed: can't read /etc/nothing; E: setup failed", "/log"},
        {"", LR_EINFRA, "mmdebstrap failed", "/log"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        _lr_error_ struct lr_error err = LR_ERROR_INIT;
        cr_expect(!bootstrap_explain(rows[i].tail, "/log", &err));
        cr_expect_eq(err.code, rows[i].code, "row %zu", i);
        cr_expect(strstr(err.message, rows[i].said), "row %zu: %s", i, err.message);
        cr_expect(strstr(err.hint, rows[i].hint), "row %zu: %s", i, err.hint);
    }
}

Test(kernel, modules_stand_before_what_needs_them)
{
    static const char dep[] =
        "kernel/net/core/failover.ko.xz:\n"
        "kernel/drivers/net/net_failover.ko.xz: kernel/net/core/failover.ko.xz\n"
        "kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko.xz "
        "kernel/net/core/failover.ko.xz\n"
        "kernel/drivers/block/virtio-blk.ko:\n";
    _strv_ struct strv got = STRV_INIT;
    cr_assert(modules_needed(dep, "virtio_blk", &got));
    cr_assert(modules_needed(dep, "virtio_net", &got));
    cr_assert(modules_needed(dep, "net_failover", &got));
    cr_assert_eq(got.n, 4);
    cr_assert_str_eq(got.items[0], "kernel/drivers/block/virtio-blk.ko");
    cr_assert_str_eq(got.items[1], "kernel/net/core/failover.ko.xz");
    cr_assert_str_eq(got.items[2], "kernel/drivers/net/net_failover.ko.xz");
    cr_assert_str_eq(got.items[3], "kernel/drivers/net/virtio_net.ko.xz");
    cr_assert(!modules_needed(dep, "virtio", &got));
    cr_assert(!modules_needed(dep, "ext4", &got));
}
