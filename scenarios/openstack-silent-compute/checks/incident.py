#!/usr/bin/python3
"""incident.py STALE OTHER: is the cloud broken as it should be? nova-compute on STALE has been silent
for so long that it is down, the one on OTHER is disabled, and no server finds a host."""
import secrets
import sys

sys.path.insert(0, "/usr/local/lib/labrun")
from cloudapi import Cloud, Wrong

stale, other = sys.argv[1:]
cloud = Cloud()
entries = cloud.get("compute", "/os-services?binary=nova-compute")["services"]
seen = {x["host"]: (x["state"], x["status"]) for x in entries}
print(seen)
if seen.get(stale) != ("down", "enabled") or seen.get(other) != ("up", "disabled"):
    sys.exit(1)
server = cloud.post("compute", "/servers", {"server": {
    "name": "check-incident-" + secrets.token_hex(4), "flavorRef": "tiny",
    "imageRef": cloud.one("image", "/images", "images", "guest")["id"],
    "networks": [{"uuid": cloud.one("network", "/networks", "networks", "public")["id"]}]}})
server = server["server"]["id"]
try:
    cloud.server(server, 60)
    sys.exit("a server found a host")
except Wrong as e:
    print(e)
    sys.exit(0 if "No valid host" in str(e) else 1)
finally:
    cloud.ask("compute", "DELETE", "/servers/" + server)
