#!/usr/bin/python3
"""Can a client write an object, read it back and delete it, in both pools? And does the service
that has been writing every second all along still do so?

    io.py [--many]

--many also writes two dozen larger objects to each pool at once, so that every OSD has to take some
and hand some on."""
import json
import os
import sys
import threading
import time

import rados

LOG = "/var/log/labrun-writer/io.log"


def one_pool(cluster, pool):
    name = "witness.io.%s" % os.urandom(8).hex()
    data = os.urandom(65536)
    with cluster.open_ioctx(pool) as io:
        io.write_full(name, data)
        if io.read(name, len(data) + 1) != data:
            raise OSError("pool '%s' gave back something else than was written" % pool)
        io.remove_object(name)
        try:
            io.stat(name)
        except rados.ObjectNotFound:
            return
        raise OSError("pool '%s' still has an object that was deleted" % pool)


def many(cluster, pool):
    names = ["witness.io.many.%d" % i for i in range(24)]
    data = os.urandom(65536)
    with cluster.open_ioctx(pool) as io:
        writes = [io.aio_write_full(name, data) for name in names]
        for write in writes:
            write.wait_for_complete()
            if write.get_return_value() < 0:
                raise OSError("pool '%s': a larger write failed: %s" % (
                    pool, os.strerror(-write.get_return_value())))
        for name in names:
            if io.read(name, len(data) + 1) != data:
                raise OSError("pool '%s' gave back something else than was written" % pool)


def service():
    with open(LOG, "rb") as f:
        f.seek(max(0, os.fstat(f.fileno()).st_size - 65536))
        whole = [x for x in f.read().split(b"\n") if x.startswith(b"{") and x.endswith(b"}")]
    lines = [json.loads(x) for x in whole]
    if not lines:
        raise OSError("the writing service has written nothing yet")
    last = lines[-1]
    if "error" in last:
        raise OSError("the writing service's last attempt failed: %s" % last["error"])
    age = time.monotonic() - last["mono"]
    if age < 0:
        raise OSError("the writing service has not written since the last boot")
    if age > 30:
        raise OSError("the writing service last wrote %d s ago" % age)
    return "slowest of the service's last %d writes: %d ms" % (
        len(lines), max(x.get("write_ms", 0) for x in lines))


def run(result):
    try:
        begun = time.monotonic()
        with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.cinder", conf={
                "client_mount_timeout": "25", "rados_osd_op_timeout": "25",
                "rados_mon_op_timeout": "25"}) as cluster:
            for pool in ("volumes", "images"):
                one_pool(cluster, pool)
                if "--many" in sys.argv:
                    many(cluster, pool)
        took = (time.monotonic() - begun) * 1000
        result.append((0, "both pools in %d ms; %s" % (took, service())))
    except (OSError, ValueError, rados.Error) as e:
        result.append((1, str(e)))


result = []
worker = threading.Thread(target=run, args=(result,), daemon=True)
worker.start()
worker.join(50 * int(os.environ.get("LABRUN_PATIENCE", "1")))
status, line = result[0] if result else (1, "no write completed in time")
print(line, flush=True)
os._exit(status)
