#!/bin/sh
# The performance team's key and results, which nobody else has a copy of.
set -eu
umask 077

curl -fsS --max-time 20 -o /etc/ceph/ceph.client.bench.keyring http://10.20.0.11:8099/bench.keyring
python3 <<'EOF'
import hashlib, json, os
import rados

kept = []
with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.bench") as cluster:
    with cluster.open_ioctx("scratch") as io:
        for i in range(24):
            data = os.urandom(100000)
            name = "results.%s.%02d" % (os.urandom(4).hex(), i)
            io.write_full(name, data)
            kept.append(["scratch", name, len(data), hashlib.sha256(data).hexdigest()])
with open("/var/lib/labrun-witness/results.json", "w") as f:
    json.dump(kept, f)
EOF
