#!/bin/sh
# A server on each hypervisor, which must live through all that follows.
set -eu
umask 077

install -d /var/lib/labrun-witness
password=$(curl -fsS --max-time 20 http://10.31.0.11:8099/secrets | sed -n 's/^ADMIN=//p')
OS_PASSWORD=$password PYTHONPATH=/usr/local/lib/labrun python3 - <<'END'
import ipaddress
import json
import os
import re

from cloudapi import SERVERS, Cloud, addresses, fetch

admin = Cloud(("admin", os.environ["OS_PASSWORD"], "admin"))
admin.post("compute", "/flavors", {"flavor": {
    "name": "tiny", "ram": 96, "vcpus": 1, "disk": 0, "id": "tiny"}})

cloud = Cloud()
group = cloud.one("network", "/security-groups?project_id=" + cloud.project, "security_groups",
                  "default")["id"]
for protocol, port in (("icmp", None), ("tcp", 80)):
    cloud.post("network", "/security-group-rules", {"security_group_rule": {
        "security_group_id": group, "direction": "ingress", "protocol": protocol,
        "port_range_min": port, "port_range_max": port, "remote_ip_prefix": "10.32.0.0/24"}})
home = cloud.get("network", "/networks/" + cloud.home())["network"]
subnet = cloud.get("network", "/subnets/" + home["subnets"][0])["subnet"]


def place(node):
    """In a network of one's own, the address that scenarios count on: .11 on cmp1."""
    where = {"uuid": home["id"]}
    if home["project_id"] == cloud.project:
        where["fixed_ip"] = str(ipaddress.ip_network(subnet["cidr"])[10 + int(node[3:])])
    return where


image = cloud.one("image", "/images", "images", "guest")["id"]
with open("/etc/hosts") as f:
    hypervisors = sorted({x for x in f.read().split() if re.fullmatch("cmp[0-9]", x)})
made = [cloud.post("compute", "/servers", {"server": {
    "name": "web-%s" % node[3:], "imageRef": image, "flavorRef": "tiny",
    "networks": [place(node)], "availability_zone": "nova:" + node}})["server"]["id"]
    for node in hypervisors]
record = []
for node, server in zip(hypervisors, made):
    now = cloud.server(server, 300)
    fetch(addresses(now)[0], "/boot-id", 300)
    record.append([server, now["name"], node, addresses(now)[0]])
with open(SERVERS, "w") as f:
    json.dump(record, f)
END
