#!/bin/sh
# A benchmark that did not stop, and did not clean up: it writes until an OSD is full. Near the end
# slowly, with a look at what the OSDs report, so that none gets fuller than full.
set -eu

python3 <<'EOF'
import json, os, sys, time
import rados

STEP = 4 << 20
FULL = 0.952
give_up = time.monotonic() + 20 * 60


def ask(cluster, prefix, manager=False, **args):
    send = cluster.mgr_command if manager else cluster.mon_command
    status, out, error = send(json.dumps(dict(args, prefix=prefix, format="json")), b"")
    if status:
        sys.exit("'%s': %s" % (prefix, error))
    return json.loads(out)


def reports(cluster):
    stats = ask(cluster, "pg dump", manager=True, dumpcontents=["osds"])["osd_stats"]
    return {s["osd"]: (s["seq"], (s["kb_used"] << 10, s["kb"] << 10)) for s in stats}


def fresh(cluster):
    """How full each OSD is, by reports that were begun after this call. A manager that has just begun
    knows of none at first."""
    osds = {x["osd"] for x in ask(cluster, "osd dump")["osds"] if x["up"]}
    before = {}
    while True:
        now = reports(cluster)
        if before and all(osd in now and now[osd][0] >= before[osd][0] + 2 for osd in before):
            return {osd: now[osd][1] for osd in before}
        if not before and osds <= set(now):
            before = now
        if time.monotonic() > give_up:
            sys.exit("the OSDs do not report")
        time.sleep(0.2)


with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.bench", conf={
        "rados_osd_op_timeout": "15"}) as cluster:
    with cluster.open_ioctx("scratch") as io:
        number = 0
        while time.monotonic() < give_up:
            used, size = max(fresh(cluster).values())
            if used / size >= FULL:
                break
            try:
                # More than half of what is missing, then a look; no OSD takes more than all of it.
                for _ in range(max(1, int(0.6 * (FULL * size - used) / STEP))):
                    io.write_full("benchmark_data_client_4711_object%d" % number, os.urandom(STEP))
                    number += 1
            except (rados.TimedOut, rados.NoSpace):
                break
    deadline = time.monotonic() + 60
    while not any("full" in p["flags_names"].split(",") for p in ask(cluster, "osd dump")["pools"]):
        if time.monotonic() > deadline:
            sys.exit("no pool became full: %s" % reports(cluster))
        time.sleep(0.2)
EOF
