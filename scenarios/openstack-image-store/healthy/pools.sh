#!/bin/sh
# A pool for each service, the key that it uses it by, and the key of the one who looks on.
set -eu
umask 077

dir=/run/labrun-handover
# The manager's modules come up after the manager.
tries=300
until ceph --connect-timeout 240 balancer off >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "the manager does not come up" >&2; exit 1; }
    sleep 0.5
done
for pool in images volumes backups; do
    ceph osd pool create "$pool" 8 8 replicated replicated_rule >/dev/null
    rbd pool init "$pool"
done
ceph osd pool set-quota images max_bytes 536870912 >/dev/null
ceph auth get-or-create client.glance mon 'profile rbd' osd 'profile rbd pool=images' \
    mgr 'profile rbd pool=images' -o "$dir/glance.keyring"
ceph auth get-or-create client.cinder mon 'profile rbd' \
    osd 'profile rbd pool=volumes, profile rbd-read-only pool=images' \
    mgr 'profile rbd pool=volumes' -o "$dir/cinder.keyring"
ceph auth get-or-create client.backup mon 'profile rbd' osd 'profile rbd pool=backups' \
    mgr 'profile rbd pool=backups' >/dev/null
ceph auth get-or-create client.witness mon 'allow r' mgr 'allow r' \
    osd 'allow rwx pool=images, allow rwx pool=volumes, allow rwx pool=backups' \
    -o "$dir/witness.keyring"

cat >/root/pools.txt <<'END_OF_NOTE'
Pools and keys, agreed 2026-03

pool      who            key             what the key may                      limit
images    images         client.glance   RBD in images                         max_bytes 536870912
volumes   block storage  client.cinder   RBD in volumes, RBD to read in images none
backups   backups        client.backup   RBD in backups                        none
all       monitoring     client.witness  objects in all three, to try them      -

No key may more than its line says. Where a pool is moved, both lines are agreed anew first.
END_OF_NOTE
