#!/usr/bin/python3
"""Are the objects that were there before the incident still there, bit by bit?

    canaries.py [--if-it-answers] [--client NAME] [--record FILE]

Objects that cannot be read are not there; --if-it-answers leaves a cluster that does not answer, its
monitors or what keeps an object, to other checks: but where all placement groups are active, who is slow
has lost what he does not show."""
import argparse
import hashlib
import json
import os
import sys
import threading

import rados


def all_active():
    """Does the cluster itself say that every object can be read?"""
    try:
        with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.witness", conf={
                "client_mount_timeout": "20", "rados_mon_op_timeout": "10"}) as cluster:
            status, out, _ = cluster.mgr_command(json.dumps({
                "prefix": "pg dump", "dumpcontents": ["pgs_brief"], "format": "json"}), b"")
    except (OSError, rados.Error):
        return False
    pgs = json.loads(out)["pg_stats"] if status == 0 else []
    return bool(pgs) and all("active" in pg["state"].split("+") for pg in pgs)


def look(wrong, done):
    with open("/var/lib/labrun-witness/" + ARGS.record) as f:
        canaries = json.load(f)
    cluster = rados.Rados(conffile="/etc/ceph/ceph.conf", name="client." + ARGS.client, conf={
        "client_mount_timeout": "30", "rados_osd_op_timeout": "15", "rados_mon_op_timeout": "30"})
    cluster.connect()
    silent = []
    if ARGS.if_it_answers and all_active():
        WITHOUT_EXCUSE.append(True)
    try:
        for pool in sorted({c[0] for c in canaries}):
            with cluster.open_ioctx(pool) as io:
                for _, name, size, digest in (c for c in canaries if c[0] == pool):
                    try:
                        data = io.read(name, size + 1)
                    except rados.ObjectNotFound:
                        wrong.append("%s/%s is gone" % (pool, name))
                        continue
                    except rados.TimedOut:
                        silent.append("%s/%s" % (pool, name))
                        continue
                    if hashlib.sha256(data).hexdigest() != digest:
                        wrong.append("%s/%s has changed" % (pool, name))
    finally:
        cluster.shutdown()
    # What the manager last heard may be some seconds old: an excuse may have come about meanwhile.
    if silent and WITHOUT_EXCUSE and not all_active():
        WITHOUT_EXCUSE.clear()
    if silent:
        raise rados.TimedOut("%s and %d more" % (silent[0], len(silent) - 1))
    done.append("all %d objects are whole" % len(canaries))


def excused():
    return ARGS.if_it_answers and not WITHOUT_EXCUSE


def run(wrong, done, untold):
    try:
        look(wrong, done)
    except FileNotFoundError as e:
        untold.append("the witness lacks its record: %s" % e)
    except rados.TimedOut as e:
        (done if excused() else wrong).append("could not be read: %s" % e)
    except (OSError, rados.Error) as e:
        wrong.append("could not be read: %s" % e)


parser = argparse.ArgumentParser()
parser.add_argument("--if-it-answers", action="store_true")
parser.add_argument("--client", default="cinder")
parser.add_argument("--record", default="canaries.json")
ARGS = parser.parse_args()
WITHOUT_EXCUSE = []
wrong, done, untold = [], [], []
worker = threading.Thread(target=run, args=(wrong, done, untold), daemon=True)
worker.start()
worker.join(50 * int(os.environ.get("LABRUN_PATIENCE", "1")))
if untold:
    print(untold[0], file=sys.stderr, flush=True)
    os._exit(75)
if not wrong and not done:
    (done if excused() else wrong).append("could not be read in time")
print("; ".join(wrong[:5]) + (" and %d more" % (len(wrong) - 5) if len(wrong) > 5 else "")
      if wrong else done[0], flush=True)
os._exit(1 if wrong else 0)
