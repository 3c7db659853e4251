#!/bin/sh
# A service on the client that writes and reads every second and logs how long that took, so that
# an outage shows.
set -eu

install -d /usr/local/lib/labrun /var/log/labrun-writer
cat >/usr/local/lib/labrun/writer.py <<'EOF'
"""Writes an object a second, reads it back, and logs one line of JSON for each round."""
import json, logging, logging.handlers, os, time
import rados

log = logging.getLogger("writer")
log.setLevel(logging.INFO)
log.addHandler(logging.handlers.RotatingFileHandler(
    "/var/log/labrun-writer/io.log", maxBytes=4 << 20, backupCount=2))


def one_round(io, number):
    data = os.urandom(4096)
    name = "writer.%d" % (number % 64)
    begun = time.monotonic()
    io.write_full(name, data)
    written = time.monotonic()
    if io.read(name, len(data)) != data:
        raise OSError("read back something else than was written")
    return {"write_ms": round((written - begun) * 1000),
            "read_ms": round((time.monotonic() - written) * 1000)}


cluster = rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.cinder", conf={
    "rados_osd_op_timeout": "20", "rados_mon_op_timeout": "20", "client_mount_timeout": "20"})
cluster.connect(timeout=20)
io = cluster.open_ioctx("volumes")
number = 0
due = time.monotonic()
while True:
    line = {"time": round(time.time(), 3), "mono": round(time.monotonic(), 3)}
    try:
        line.update(one_round(io, number))
    except (rados.Error, OSError) as e:
        line["error"] = str(e)
    log.info(json.dumps(line))
    number += 1
    due = max(due + 1, time.monotonic())
    time.sleep(due - time.monotonic() if due > time.monotonic() else 0)
EOF

cat >/etc/systemd/system/labrun-writer.service <<'EOF'
[Unit]
Description=Writes to the storage cluster every second and logs how long it took
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/python3 /usr/local/lib/labrun/writer.py
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
EOF
systemctl daemon-reload
systemctl enable --now --quiet labrun-writer
