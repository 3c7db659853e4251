#!/bin/sh
# A customer's volume, which must outlive the incident as the images must. What is in it is recorded on
# this node.
set -eu
umask 077

python3 - <<'END'
import hashlib
import json
import os
import time

import rados
import rbd
from keystoneauth1 import adapter, exceptions, session
from keystoneauth1.identity import v3

with open("/etc/openstack/clouds.yaml") as f:
    said = dict(line.strip().split(": ", 1) for line in f if ": " in line)
auth = v3.Password(auth_url=said["auth_url"], username=said["username"], password=said["password"],
                   project_name=said["project_name"], user_domain_id="default",
                   project_domain_id="default")
cinder = adapter.Adapter(session.Session(auth=auth), service_type="block-storage", interface="public")
patience = int(os.environ["LABRUN_PATIENCE"])
end = time.monotonic() + 120 * patience
while True:
    try:
        volume = cinder.post("/volumes", json={"volume": {"name": "ledger", "size": 1}}).json()["volume"]
        break
    except exceptions.ClientException:
        if time.monotonic() > end:
            raise
        time.sleep(1)
while volume["status"] == "creating" and time.monotonic() < end:
    time.sleep(1)
    volume = cinder.get("/volumes/" + volume["id"]).json()["volume"]
if volume["status"] != "available":
    raise SystemExit("the volume is %s" % volume["status"])

data = os.urandom(2 << 20)
with rados.Rados(conffile="/etc/ceph/ceph.conf", name="client.witness") as ceph:
    with ceph.open_ioctx("volumes") as io, rbd.Image(io, "volume-" + volume["id"]) as image:
        image.write(data, 0)
        image.flush()
with open("/var/lib/labrun-witness/volumes.json", "w") as f:
    json.dump([[volume["id"], volume["name"], len(data), hashlib.sha256(data).hexdigest()]], f)
END
