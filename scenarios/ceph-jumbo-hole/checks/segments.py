#!/usr/bin/python3
"""Which TCP segments does each OSD offer to take on its cluster port? That is what its own port
carries, whatever lies on the way."""
import json
import os
import socket
import threading

import rados

# One that nobody pings: what a node has learned of the way to the client's other address would count.
OWN = "10.21.0.51"
LEAST = 9000 - 40 - 12  # without IP's and TCP's headers, and the latter's time stamps


def segment(host, port):
    with socket.create_connection((host, port), timeout=5, source_address=(OWN, 0)) as s:
        return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)


def look():
    with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.witness", conf={
            "client_mount_timeout": "30", "rados_mon_op_timeout": "30"}) as cluster:
        status, out, error = cluster.mon_command(
            json.dumps({"prefix": "osd dump", "format": "json"}), b"")
    if status:
        raise OSError(error)
    osds = json.loads(out)["osds"]
    if len(osds) != 3:
        yield False, "there are %d OSDs" % len(osds)
    for osd in osds:
        if not osd["up"]:
            yield False, "osd.%d is down" % osd["osd"]
            continue
        host, _, port = osd["cluster_addrs"]["addrvec"][0]["addr"].rpartition(":")
        try:
            size = segment(host.strip("[]"), int(port))
        except OSError as e:
            yield False, "osd.%d at %s:%s: %s" % (osd["osd"], host, port, e)
            continue
        yield size >= LEAST, "osd.%d at %s takes segments of %d bytes" % (osd["osd"], host, size)


def run(seen):
    try:
        seen.extend(look())
    except (OSError, rados.Error) as e:
        seen.append((False, "%s" % e))


seen = []
worker = threading.Thread(target=run, args=(seen,), daemon=True)
worker.start()
worker.join(50 * int(os.environ.get("LABRUN_PATIENCE", "1")))
seen = seen or [(False, "no answer in time")]
print("; ".join(text for _, text in seen), flush=True)
os._exit(not all(right for right, _ in seen))
