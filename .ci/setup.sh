# Shared by ./quickstart and ./run-tests: packages, libvirt's daemons, and what a host with hybrid
# cgroups needs. Everything here is done only where it is missing, and says so.
# shellcheck shell=sh

say() {
    printf '== %s\n' "$*" >&2
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

packages_build="gcc make cmake ninja-build pkg-config libvirt-dev libssh-dev libjansson-dev
    libyaml-dev libxml2-dev libssl-dev uuid-dev"
packages_run="libvirt-daemon-system libvirt-daemon-driver-lxc libvirt-daemon-driver-qemu
    libvirt-clients qemu-system-x86 qemu-utils mmdebstrap debian-archive-keyring e2fsprogs
    openssh-client"
# Read by run-tests.
# shellcheck disable=SC2034
packages_test="clang clang-format libcriterion-dev shellcheck libxml2-utils python3 python3-jsonschema python3-yaml
    perl openssh-server openssh-sftp-server rsync ansible-core bash-completion zsh groff man-db tmux
    git cpio chromium poppler-utils asciinema"

need_root() {
    [ "$(id -u)" -eq 0 ] || die "run this as root (it installs packages and drives libvirt)"
    [ -r /etc/debian_version ] || die "this set-up is for Debian; docs/install.md lists what else to install"
}

# What nodes are made of: apt of a derivative does not know it.
need_archive() {
    grep -qx 'ID=debian' /etc/os-release || [ -n "${LABRUN_MIRROR:-}" ] ||
        die "the nodes are made of Debian, whose archive apt knows no mirror of here: set LABRUN_MIRROR to one"
}

# install_packages NAME...: those of them that are not installed yet.
install_packages() {
    missing=
    for p in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed ||
            missing="$missing $p"
    done
    [ -n "$missing" ] || return 0
    say "installing$missing"
    apt-get update -qq || die "apt-get update failed: is the network there?"
    # shellcheck disable=SC2086  # a list of names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 $missing >/dev/null || die "apt-get could not install$missing"
}

# libvirt 9's lxc driver cannot start a container on a hybrid host as long as a controller sits on
# the v2 side. The mount is empty of processes and changes no limits.
mend_hybrid_cgroups() {
    v2=/sys/fs/cgroup/unified
    [ -r "$v2/cgroup.controllers" ] || return 0 # (its size reads as 0)
    grep -qw hugetlb "$v2/cgroup.controllers" || return 0
    say "this host has hybrid cgroups: mounting the hugetlb controller at /sys/fs/cgroup/hugetlb," \
        "without which libvirt's lxc driver fails"
    mkdir -p /sys/fs/cgroup/hugetlb
    mount -t cgroup -o hugetlb none /sys/fs/cgroup/hugetlb
}

# What udev does where it runs. libvirtd may open /dev/kvm in any case; where its emulators may not,
# it takes what it knows of QEMU for outdated and asks anew for every device of every domain.
mend_kvm_rights() {
    [ -e /dev/kvm ] && [ ! -d /run/udev ] && getent group kvm >/dev/null || return 0
    [ "$(stat -c %G:%a /dev/kvm)" = root:600 ] || return 0
    say "no udev here: giving /dev/kvm to the group kvm, mode 660, as udev does elsewhere"
    chgrp kvm /dev/kvm
    chmod 660 /dev/kvm
}

# Memory files of virtual machines are named where libvirt's own AppArmor rules are not made from.
mend_apparmor() {
    [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] || return 0
    theirs=/etc/apparmor.d/abstractions/libvirt-qemu
    [ -e "$theirs" ] || return 0
    rules=/etc/apparmor.d/local/abstractions/libvirt-qemu
    ! grep -qs 'libvirt-qemu\.d' "$theirs" || rules=$theirs.d/labrun # libvirt 9.6 and later
    ! grep -qs labrun "$rules" || return 0
    say "AppArmor confines virtual machines: letting them open labrun's memory files, in $rules"
    mkdir -p "${rules%/*}"
    for state in /var/lib/labrun '/var/tmp/labrun-*'; do
        printf '%s\n' "$state/labs/*/nodes/*/ram rwk," "$state/stages/*/*/{ram,state} rwk,"
    done >>"$rules"
}

# The kernel's defaults are for one system, and all nodes of all labs share them with the host.
raise_limit() { # NAME LEAST
    file=/proc/sys/$(echo "$1" | tr . /)
    [ -w "$file" ] && [ "$(cat "$file")" -lt "$2" ] || return 0
    say "raising $1 to $2 until the next boot (containers share it)"
    echo "$2" >"$file" || say "$1 stays as it is"
}

raise_limits() {
    raise_limit fs.inotify.max_user_instances 8192
    raise_limit fs.aio-max-nr 1048576
}

libvirt_answers() {
    virsh -c lxc:///system version >/dev/null 2>&1 && virsh -c qemu:///system version >/dev/null 2>&1
}

start_libvirt() {
    libvirt_answers && return 0
    say "starting libvirt"
    if [ -d /run/systemd/system ]; then
        systemctl restart libvirtd # one that runs already knows nothing of a driver just installed
    else
        for d in virtlogd virtlockd libvirtd; do
            "$d" -d || say "$d did not start (or runs already)"
        done
    fi
    tries=0
    until libvirt_answers; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || die "libvirt does not answer: see \`virsh -c lxc:///system version\`"
        sleep 0.5
    done
}

build() {
    cmake --preset "$1" >/dev/null && cmake --build --preset "$1"
}
