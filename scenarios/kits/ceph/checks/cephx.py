#!/usr/bin/python3
"""Is everybody still asked for a key? Tried from outside, where that is possible (no key, a wrong
key), and asked of every daemon that runs.

    cephx.py [--if-it-answers]

A cluster that does not answer the witness, no longer knows its key, or has nobody to ask what its daemons
run with, has not been shown to be open, nor to be closed; --if-it-answers leaves that to other checks."""
import base64
import json
import os
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import rados

MONITORS = ("10.20.0.11", "10.20.0.12", "10.20.0.13")
COULD_NOT_TELL = 75  # EX_TEMPFAIL
OPTIONS = ("auth_cluster_required", "auth_service_required", "auth_client_required")


def connects(name, conf):
    cluster = rados.Rados(name=name, conf=dict(conf, client_mount_timeout="10"))
    try:
        cluster.connect()
    except rados.Error:
        return False
    cluster.shutdown()
    return True


def strangers():
    """Who gets in and should not."""
    wrong_key = base64.b64encode(struct.pack("<HIIH", 1, 1, 0, 16) + os.urandom(16)).decode()
    tries = [("client.nobody", {"mon_host": address, "auth_client_required": "none",
                                "keyring": "/dev/null"},
              "the monitor at %s lets in a client without a key" % address)
             for address in MONITORS]
    tries.append(("client.cinder", {"mon_host": ",".join(MONITORS), "key": wrong_key},
                  "client.cinder gets in with a wrong key"))
    with ThreadPoolExecutor() as pool:
        got_in = list(pool.map(lambda t: connects(t[0], t[1]), tries))
    return [t[2] for t, lets_in in zip(tries, got_in) if lets_in]


def settings(cluster):
    """What daemons run with."""
    def ask(send, **command):
        status, out, error = send(json.dumps(dict(command, format="json")), b"")
        if status:
            raise OSError("'%s' was not answered: %s" % (command["prefix"], error))
        return out

    up = [o["osd"] for o in json.loads(ask(cluster.mon_command, prefix="osd dump"))["osds"]
          if o["up"]]
    names = ["osd.%d" % i for i in up]
    mons = json.loads(ask(cluster.mon_command, prefix="mon dump"))
    # One that is not in quorum lets nobody in, and nobody can ask it for what it runs with.
    names += ["mon." + m["name"] for m in mons["mons"] if m["rank"] in mons["quorum"]]
    names += ["mgr." + json.loads(ask(cluster.mon_command, prefix="mgr dump"))["active_name"]]
    for name in names:
        for option in OPTIONS:
            value = ask(cluster.mgr_command, prefix="config show", who=name, key=option)
            value = value.decode().strip().strip('"')
            if value != "cephx":
                yield "%s runs with %s = %s" % (name, option, value or "nothing")


def run(result):
    wrong = strangers()
    result[0] = (1, "; ".join(wrong)) if wrong else (
        0 if "--if-it-answers" in sys.argv else COULD_NOT_TELL,
        "no key, a wrong key: nobody is let in; the cluster did not answer the witness in time")
    unknown = silent = ""
    try:
        with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.witness", conf={
                "client_mount_timeout": "30", "rados_mon_op_timeout": "30"}) as cluster:
            wrong += settings(cluster)
    except (rados.TimedOut, rados.PermissionError, rados.PermissionDeniedError) as e:
        silent = "the witness with its own key: %s" % e
    except (OSError, rados.Error) as e:
        # A daemon that is still coming up has not been shown to be open.
        unknown = "the witness with its own key: %s" % e
    if wrong:
        result[0] = 1, "; ".join(wrong)
    elif (unknown or silent) and "--if-it-answers" in sys.argv:
        result[0] = 0, "no key, a wrong key: nobody is let in, nor " + (unknown or silent)
    elif unknown or silent:
        result[0] = COULD_NOT_TELL, unknown or silent
    else:
        result[0] = 0, "no key, a wrong key: refused; every daemon runs with cephx"


# The library complains there about every refusal, and being refused is what is wanted.
stderr = os.fdopen(os.dup(2), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
result = [(COULD_NOT_TELL, "the cluster did not answer in time")]
worker = threading.Thread(target=run, args=(result,), daemon=True)
worker.start()
worker.join(50 * int(os.environ.get("LABRUN_PATIENCE", "1")))
status, line = result[0]
print(line, flush=True)
if status == COULD_NOT_TELL:
    print(line, file=stderr, flush=True)
os._exit(status)
