#!/usr/bin/python3
"""Is there compute power, asked from outside?

    compute.py services NODE...   nova-compute on each node is enabled and has just reported
    compute.py server NODE        a new server on the node becomes active and answers
    compute.py servers            the servers from before are where they were, and answer
    compute.py kept               they are where they were, whether they run or not"""
import sys
import time

sys.path.insert(0, "/usr/local/lib/labrun")
try:
    from cloudapi import Cloud, Wrong, addresses, answer, fetch, recorded_servers, trial
except ImportError as missing:
    print("the witness lacks its module: %s" % missing, file=sys.stderr)
    sys.exit(75)


def services(*nodes):
    """A heartbeat counts if it was seen to beat: an old one stays "up" for a while."""
    cloud = Cloud()
    before = cloud.hypervisors()
    end = time.monotonic() + 25
    left = set(nodes)
    while left:
        now = cloud.hypervisors()
        for node in sorted(left):
            if node not in now or node not in before:
                raise Wrong("there is no nova-compute on %s" % node)
            if now[node]["status"] != "enabled":
                raise Wrong("nova-compute on %s is disabled: %s" % (
                    node, now[node].get("disabled_reason")))
            if now[node]["state"] == "up" and now[node]["updated_at"] != before[node]["updated_at"]:
                left.discard(node)
        if left and time.monotonic() > end:
            raise Wrong("nova-compute on %s does not report: last at %s" % (
                ", ".join(sorted(left)), before[sorted(left)[0]]["updated_at"]))
        time.sleep(1)
    return "all report and are enabled"


def server(node):
    with trial(Cloud(), node) as now:
        fetch(addresses(now)[0], "/boot-id", 120)
        return "a new server on %s answers" % node


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


answer({"services": services, "server": server, "servers": servers, "kept": kept})
