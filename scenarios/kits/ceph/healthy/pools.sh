#!/bin/sh
# Two pools, the key of the client that uses them, and the key of the one that looks on.
set -eu
umask 077

dir=/run/labrun-handover
ceph --connect-timeout 240 balancer off >/dev/null
for pool in volumes images; do
    ceph osd pool create "$pool" 8 8 replicated replicated_rule >/dev/null
    ceph osd pool application enable "$pool" rbd >/dev/null
done
ceph auth get-or-create client.cinder mon 'profile rbd' \
    osd 'profile rbd pool=volumes, profile rbd pool=images' -o "$dir/cinder.keyring"
ceph auth get-or-create client.witness mon 'allow r' mgr 'allow r' \
    osd 'allow rwx pool=volumes, allow rwx pool=images' -o "$dir/witness.keyring"
