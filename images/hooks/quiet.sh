#!/bin/sh
# What a short-lived machine without a network does not need, and an emulated one pays for.
set -eu

mask() {
    for unit in "$@"; do
        ln -sfn /dev/null "/etc/systemd/system/$unit"
    done
}

# Housekeeping by the clock.
mask apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service \
    dpkg-db-backup.timer man-db.timer fstrim.timer logrotate.timer e2scrub_all.timer \
    e2scrub_reap.service xfs_scrub_all.timer
# The first boot's wizard, and rebuilding of indices that the build has just made.
mask systemd-firstboot.service systemd-machine-id-commit.service ldconfig.service \
    systemd-hwdb-update.service systemd-journal-catalog-update.service \
    systemd-update-done.service systemd-sysusers.service systemd-journal-flush.service \
    systemd-network-generator.service systemd-networkd-persistent-storage.service \
    systemd-random-seed.service systemd-udev-load-credentials.service
# Hardware that no node has, and consoles, where nobody could log in without a password.
mask getty@tty1.service serial-getty@ttyS0.service getty-static.service systemd-battery-check.service \
    systemd-hibernate-clear.service systemd-pcrmachine.service systemd-pcrphase.service \
    systemd-pcrphase-sysinit.service systemd-pcrextend.socket systemd-pcrlock.socket \
    systemd-tpm2-setup-early.service systemd-tpm2-setup.service systemd-pstore.service \
    systemd-backlight@.service systemd-rfkill.socket smartmontools.service \
    nvmefc-boot-connections.service nvmf-autoconnect.service
# Conveniences that cost more at boot than they give here.
mask systemd-logind.service proc-sys-fs-binfmt_misc.automount systemd-binfmt.service \
    sys-kernel-tracing.mount sys-kernel-debug.mount sys-kernel-config.mount \
    sys-fs-fuse-connections.mount dev-hugepages.mount \
    systemd-sysext.socket systemd-creds.socket systemd-ask-password-console.path \
    systemd-ask-password-wall.path systemd-timesyncd.service rpcbind.socket

# Generators run at each boot and each daemon-reload. The one for ssh loads modules for a socket family
# that no node has, and complains on the console.
install -d /etc/systemd/system-generators
for g in systemd-gpt-auto-generator systemd-hibernate-resume-generator systemd-tpm2-generator \
    systemd-system-update-generator systemd-rc-local-generator systemd-ssh-generator \
    systemd-getty-generator systemd-import-generator systemd-debug-generator systemd-run-generator; do
    ln -sfn /dev/null "/etc/systemd/system-generators/$g"
done
