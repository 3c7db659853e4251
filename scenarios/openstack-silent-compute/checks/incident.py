#!/usr/bin/python3
"""incident.py STALE OTHER: is the cloud broken as it should be? nova-compute on STALE has been silent
for so long that it is down, the one on OTHER is disabled, and no server finds a host."""
import secrets
import sys

sys.path.insert(0, "/usr/local/lib/labrun")
from cloudapi import Cloud, Wrong, made


def servers_find_no_host(cloud):
    with made(cloud, "compute", "/servers", "server", {"server": {
            "name": "check-incident-" + secrets.token_hex(4), "flavorRef": "tiny",
            "imageRef": cloud.one("image", "/images", "images", "guest")["id"],
            "networks": [{"uuid": cloud.one("network", "/networks", "networks", "public")["id"]}],
            }}) as server:
        try:
            cloud.server(server["id"], 60)
        except Wrong as e:
            if "No valid host" in str(e):
                return str(e)
            raise
        raise Wrong("a server found a host")


def main(stale, other):
    cloud = Cloud()
    entries = cloud.get("compute", "/os-services?binary=nova-compute")["services"]
    seen = {x["host"]: (x["state"], x["status"]) for x in entries}
    if seen.get(stale) != ("down", "enabled") or seen.get(other) != ("up", "disabled"):
        raise Wrong("the services are %s" % seen)
    return servers_find_no_host(cloud)


try:
    print(main(*sys.argv[1:]))
except Wrong as wrong:
    print(wrong)
    sys.exit(1)
