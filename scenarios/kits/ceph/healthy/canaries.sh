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

# record FILE FILTER WHAT...
record() {
    file=$state/$1 filter=$2
    shift 2
    ceph --id witness --connect-timeout 60 "$@" -f json </dev/null >/run/record.json
    jq "$filter" /run/record.json >"$file"
    [ -s "$file" ]
    rm /run/record.json
}
record identity.json '{fsid, pools: [.pools[] | {pool_name, pool, size, min_size, crush_rule, pg_num, type}]}' \
    osd dump
record mons.json '[.mons[] | {name, public_addrs}]' mon dump
record rules.json 'map({rule_id, steps})' osd crush rule dump
