#!/usr/bin/python3
"""Are the servers from before there, asked from outside?

    compute.py servers   they are where they were, and answer
    compute.py kept      they are where they were, whether they run or not
    compute.py closed    what no security group opens to us is silent"""
import errno
import socket
import sys

sys.path.insert(0, "/usr/local/lib/labrun")
try:
    from cloudapi import PATIENCE, Cloud, Wrong, addresses, answer, fetch, recorded_servers
except ImportError as missing:
    print("the witness lacks its module: %s" % missing, file=sys.stderr)
    sys.exit(75)


def servers(run=True):
    record = recorded_servers()
    cloud = Cloud()
    for server, name, node, address in record:
        status, _, answer = cloud.ask("compute", "GET", "/servers/%s" % server)
        if status != 200:
            raise Wrong("server '%s' is not there any more" % name if status == 404 else
                        "asked for server '%s': status %d" % (name, status))
        now = answer["server"]
        if (now["name"], now["OS-EXT-SRV-ATTR:host"], addresses(now)) != (name, node, [address]):
            raise Wrong("server '%s' was on %s at %s and is now on %s at %s" % (
                name, node, address, now["OS-EXT-SRV-ATTR:host"], ", ".join(addresses(now))))
        if not run:
            continue
        if now["status"] != "ACTIVE":
            raise Wrong("server '%s' is %s" % (name, now["status"]))
        fetch(address, "/boot-id", 20)
    return "all %d are where they were%s" % (len(record), ", and answer" if run else "")


def kept():
    return servers(run=False)


def closed():
    """Nothing listens there: a server that is asked all the same says so."""
    record = recorded_servers()
    for _, name, _, address in record:
        with socket.socket() as s:
            s.settimeout(5 * PATIENCE)
            refused = s.connect_ex((address, 81)) in (0, errno.ECONNREFUSED)
        if refused:
            raise Wrong("%s is reached at port 81" % name)
    return "no way to port 81 of %d" % len(record)


answer({"servers": servers, "kept": kept, "closed": closed}, closed=50)
