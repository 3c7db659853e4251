#!/bin/sh
# Servers stand in a tenant's network, 10.40.0.0/24, with a router to the public one, which translates
# nothing: who looks on has a route to them.
set -eu
umask 077

password=$(curl -fsS --max-time 20 http://10.31.0.11:8099/secrets | sed -n 's/^ADMIN=//p')
OS_PASSWORD=$password PYTHONPATH=/usr/local/lib/labrun python3 - <<'END'
import os

from cloudapi import Cloud

admin = Cloud(("admin", os.environ["OS_PASSWORD"], "admin"))
outside = admin.post("network", "/networks", {"network": {
    "name": "public", "router:external": True, "provider:network_type": "flat",
    "provider:physical_network": "public"}})["network"]["id"]
way_out = admin.post("network", "/subnets", {"subnet": {
    "name": "public", "network_id": outside, "ip_version": 4, "cidr": "10.32.0.0/24",
    "enable_dhcp": False, "gateway_ip": None,
    "allocation_pools": [{"start": "10.32.0.100", "end": "10.32.0.199"}]}})["subnet"]["id"]

cloud = Cloud()
network = cloud.post("network", "/networks", {"network": {"name": "tenant"}})["network"]["id"]
subnet = cloud.post("network", "/subnets", {"subnet": {
    "name": "tenant", "network_id": network, "ip_version": 4, "cidr": "10.40.0.0/24",
    "gateway_ip": "10.40.0.1"}})["subnet"]["id"]
router = cloud.post("network", "/routers", {"router": {
    "name": "way-out", "external_gateway_info": {
        "network_id": outside, "enable_snat": False,
        "external_fixed_ips": [{"subnet_id": way_out, "ip_address": "10.32.0.2"}]}}})["router"]["id"]
cloud.want("network", "PUT", "/routers/%s/add_router_interface" % router, {"subnet_id": subnet})
END
