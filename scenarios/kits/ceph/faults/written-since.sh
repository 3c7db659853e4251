#!/bin/sh
# What the clients have stored in this lab and in no other: objects that no copy of another
# candidate's lab could bring back.
set -eu
umask 077

python3 - "$LABRUN_PARAM_CANARY" <<'EOF'
import hashlib, json, sys
import rados

drawn = sys.argv[1]
record = "/var/lib/labrun-witness/canaries.json"
with open(record) as f:
    canaries = json.load(f)
with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.cinder") as cluster:
    for pool in ("volumes", "images"):
        with cluster.open_ioctx(pool) as io:
            for i in range(4):
                data = hashlib.shake_128(("%s %s %d" % (drawn, pool, i)).encode()).digest(50000)
                name = "rbd_data.%s.%016x" % (drawn[:12], i)
                io.write_full(name, data)
                canaries.append([pool, name, len(data), hashlib.sha256(data).hexdigest()])
with open(record, "w") as f:
    json.dump(canaries, f)
EOF
