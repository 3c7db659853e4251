#!/bin/sh
# A daemon that systemd knows nothing of.
set -eu
systemctl disable --now "ceph-mon@$LABRUN_NODE"
install -d -o ceph -g ceph /run/ceph
ceph-mon -i "$LABRUN_NODE" --setuser ceph --setgroup ceph
