#!/bin/sh
# The key by which block storage uses its pool.
set -eu
umask 077

curl -fsS --max-time 20 -o /etc/ceph/ceph.client.cinder.keyring \
    http://10.20.0.11:8099/cinder.keyring
