#!/usr/bin/python3
"""Can somebody on this node ask the cluster, by the node's own ceph.conf and admin key? And is nothing of
the renumbering left in the former?"""
import os
import threading

import rados


def ask(result):
    try:
        with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.admin", conf={
                "client_mount_timeout": "20", "rados_mon_op_timeout": "20"}) as cluster:
            hosts = cluster.conf_get("mon_host")
            planned = "10.20.%s." % os.environ["LABRUN_PARAM_SUBNET"]
            if planned in hosts:
                result.append((1, "mon_host is still %s" % hosts))
                return
            with open("/etc/ceph/ceph.conf") as f:
                left = [line.strip() for line in f if planned in line.split("#")[0].split(";")[0]]
            if left:
                result.append((1, "ceph.conf still has: %s" % left[0]))
                return
            status, _, error = cluster.mon_command('{"prefix": "quorum_status"}', b"")
            result.append((1, error) if status else (0, "the monitors answer"))
    except (OSError, rados.Error) as e:
        result.append((1, "%s" % e))


result = []
worker = threading.Thread(target=ask, args=(result,), daemon=True)
worker.start()
worker.join(45 * int(os.environ.get("LABRUN_PATIENCE", "1")))
status, line = result[0] if result else (1, "no answer in time")
print(line, flush=True)
os._exit(status)
