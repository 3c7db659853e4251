#!/bin/sh
# The client's keys.
set -eu
umask 077

for name in cinder witness; do
    curl -fsS --max-time 20 -o "/etc/ceph/ceph.client.$name.keyring" \
        "http://10.20.0.11:8099/$name.keyring"
done
