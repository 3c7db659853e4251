#!/bin/sh
# A manager on this node. The first command waits until the monitors have a quorum.
set -eu

dir=/var/lib/ceph/mgr/ceph-$LABRUN_NODE
install -d -o ceph -g ceph "$dir"
(
    umask 077
    ceph --connect-timeout 240 auth get-or-create "mgr.$LABRUN_NODE" \
        mon 'allow profile mgr' osd 'allow *' mds 'allow *' -o "$dir/keyring"
)
chown ceph:ceph "$dir/keyring"
systemctl enable --now --quiet "ceph-mgr@$LABRUN_NODE"
