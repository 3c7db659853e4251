#!/bin/sh
# Objects that must outlive the incident. What is in them is known on this node alone, and so is
# who the cluster and its pools were.
set -eu
umask 077

state=/var/lib/labrun-witness
install -d "$state"
python3 - "$state" <<'EOF'
import hashlib, json, os, sys
import rados

state = sys.argv[1]
sizes = [1, 4096, 65536, 300000, 1048576]
canaries = []
with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.cinder") as cluster:
    for pool in ("volumes", "images"):
        with cluster.open_ioctx(pool) as io:
            for i in range(20):
                data = os.urandom(sizes[i % len(sizes)])
                name = "rbd_data.%s.%016x" % (os.urandom(6).hex(), i)
                io.write_full(name, data)
                canaries.append([pool, name, len(data), hashlib.sha256(data).hexdigest()])
with open(state + "/canaries.json", "w") as f:
    json.dump(canaries, f)
EOF

ceph --id witness --connect-timeout 60 osd dump -f json </dev/null |
    jq '{fsid, pools: [.pools[] | {pool_name, pool, size, min_size, crush_rule, pg_num, type}]}' \
        >"$state/identity.json"
ceph --id witness --connect-timeout 60 mon dump -f json </dev/null |
    jq '[.mons[] | {name, public_addrs}]' >"$state/mons.json"
ceph --id witness --connect-timeout 60 osd crush rule dump -f json </dev/null |
    jq 'map({rule_id, steps})' >"$state/rules.json"
