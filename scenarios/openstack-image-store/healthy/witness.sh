#!/bin/sh
# Keys of the one who looks on, objects of others that must outlive the incident, and who the
# cluster, its pools and its other keys were. It asks about keys as the monitors do among themselves:
# nobody can take that from it without taking the monitors down.
set -eu
umask 077

state=/var/lib/labrun-witness
install -d "$state"
curl -fsS --max-time 20 -o /etc/ceph/ceph.client.witness.keyring \
    http://10.20.0.11:8099/witness.keyring
curl -fsS --max-time 20 -o "$state/mon.keyring" http://10.20.0.11:8099/mon.keyring

python3 - "$state" <<'EOF'
import hashlib, json, os, sys
import rados

state = sys.argv[1]
sizes = [1, 4096, 65536, 300000]
canaries = []
with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.witness") as cluster:
    for pool in ("volumes", "backups"):
        with cluster.open_ioctx(pool) as io:
            for i in range(12):
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
ceph --id witness --connect-timeout 60 osd crush rule dump -f json </dev/null |
    jq 'map({rule_id, steps})' >"$state/rules.json"
ceph -n mon. -k "$state/mon.keyring" --connect-timeout 60 auth ls -f json </dev/null |
    jq '[.auth_dump[] | select(.entity != "client.glance") | {entity, key, caps}]' \
        >"$state/keys.json"
