#!/usr/bin/python3
"""Is there compute power, asked from outside?

    compute.py services NODE...   nova-compute on each node is enabled and has just reported
    compute.py server NODE        a new server on the node becomes active and answers
    compute.py servers            the servers from before are where they were, and answer
    compute.py kept               they are where they were, whether they run or not"""
import datetime
import json
import secrets
import sys
import time

sys.path.insert(0, "/usr/local/lib/labrun")
try:
    from cloudapi import Cloud, Wrong, addresses, fetch
except ImportError as missing:
    print("the witness lacks its module: %s" % missing, file=sys.stderr)
    sys.exit(75)


def reported(cloud):
    entries = cloud.get("compute", "/os-services?binary=nova-compute")["services"]
    return {x["host"]: x for x in entries}


def services(*nodes):
    """A heartbeat counts if it was seen to beat: an old one stays "up" for a while."""
    cloud = Cloud()
    before = reported(cloud)
    end = time.monotonic() + 25
    left = set(nodes)
    while left:
        now = reported(cloud)
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


def remove(cloud, server):
    cloud.ask("compute", "DELETE", "/servers/%s" % server)
    end = time.monotonic() + 60
    while cloud.ask("compute", "GET", "/servers/%s" % server)[0] != 404:
        if time.monotonic() > end:
            raise Wrong("the server that was tried cannot be deleted")
        time.sleep(1)


def forget(cloud, prefix):
    """What a check that was killed left."""
    old = datetime.timedelta(minutes=15)
    for server in cloud.get("compute", "/servers/detail?name=%s" % prefix)["servers"]:
        made = datetime.datetime.strptime(server["created"], "%Y-%m-%dT%H:%M:%SZ")
        if datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - made > old:
            cloud.ask("compute", "DELETE", "/servers/%s" % server["id"])


def ready(cloud, node):
    """Nothing can be built where the service is down, and waiting for that takes minutes."""
    entry = reported(cloud).get(node)
    if not entry or (entry["state"], entry["status"]) != ("up", "enabled"):
        raise Wrong("nova-compute on %s is %s" % (
            node, "%(state)s and %(status)s" % entry if entry else "not there"))


def server(node):
    cloud = Cloud()
    ready(cloud, node)
    prefix = "check-" + node + "-"
    forget(cloud, prefix)
    server = cloud.post("compute", "/servers", {"server": {
        "name": prefix + secrets.token_hex(4), "flavorRef": "tiny",
        "imageRef": cloud.one("image", "/images", "images", "guest")["id"],
        "networks": [{"uuid": cloud.one("network", "/networks", "networks", "public")["id"]}],
        "availability_zone": "nova:" + node}})["server"]["id"]
    try:
        now = cloud.server(server, 120)
        if now["OS-EXT-SRV-ATTR:host"] != node:
            raise Wrong("the server is on %s" % now["OS-EXT-SRV-ATTR:host"])
        fetch(addresses(now)[0], "/boot-id", 120)
        return "a new server on %s answers" % node
    finally:
        remove(cloud, server)


def servers(run=True):
    try:
        with open("/var/lib/labrun-witness/servers.json") as f:
            record = json.load(f)
    except OSError as e:
        print("the witness lacks its record: %s" % e, file=sys.stderr)
        sys.exit(75)
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


KINDS = {"services": services, "server": server, "servers": servers, "kept": kept}
try:
    print(KINDS[sys.argv[1]](*sys.argv[2:]))
except Wrong as e:
    print(e)
    sys.exit(1)
except (ValueError, KeyError, TypeError) as e:
    print("not the answer of a cloud: %r" % e)
    sys.exit(1)
