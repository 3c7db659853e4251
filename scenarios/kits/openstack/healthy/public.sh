#!/bin/sh
# Servers stand in the public network themselves.
set -eu
umask 077

password=$(curl -fsS --max-time 20 http://10.31.0.11:8099/secrets | sed -n 's/^ADMIN=//p')
OS_PASSWORD=$password PYTHONPATH=/usr/local/lib/labrun python3 - <<'END'
import os

from cloudapi import Cloud

admin = Cloud(("admin", os.environ["OS_PASSWORD"], "admin"))
network = admin.post("network", "/networks", {"network": {
    "name": "public", "shared": True, "provider:network_type": "flat",
    "provider:physical_network": "public"}})["network"]["id"]
admin.post("network", "/subnets", {"subnet": {
    "name": "public", "network_id": network, "ip_version": 4, "cidr": "10.32.0.0/24",
    "gateway_ip": None, "allocation_pools": [{"start": "10.32.0.100", "end": "10.32.0.199"}]}})
END
