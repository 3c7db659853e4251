#!/bin/sh
# Projects, users, roles and the endpoints of what this cloud has, in one process: the client takes
# seconds for each command.
set -eu

curl -fsS --max-time 20 -o /run/cloud-secrets http://10.31.0.11:8099/secrets
trap 'rm -f /run/cloud-secrets' EXIT
python3 - <<'END'
import time

from keystoneauth1 import exceptions, session
from keystoneauth1.identity import v3
from keystoneclient.v3 import client

with open("/run/cloud-secrets") as f:
    secrets = dict(line.strip().split("=", 1) for line in f)
auth = v3.Password(auth_url="https://cloud.example:5000/v3", username="admin", password=secrets["ADMIN"],
                   project_name="admin", user_domain_id="default", project_domain_id="default")
k = client.Client(session=session.Session(auth=auth))
for left in range(60, 0, -1):
    try:
        auth.get_token(k.session)
        break
    except exceptions.ClientException:
        if left == 1:
            raise
        time.sleep(1)

roles = {r.name: r for r in k.roles.list()}
service = k.projects.create("service", domain="default")
platform = k.projects.create("platform", domain="default")
web = k.projects.create("web", domain="default")
deploy = k.users.create("deploy", domain="default", password=secrets["DEPLOY"])
for project in (platform, web):
    k.roles.grant(roles["member"], user=deploy, project=project)
witness = k.users.create("monitor", domain="default", password=secrets["WITNESS"])
k.roles.grant(roles["member"], user=witness, project=platform)

kinds = [("glance", "image", "9292")]
with open("/etc/hosts") as f:
    nodes = f.read().split()
if "vol1" in nodes:
    kinds += [("cinder", "block-storage", "8776/v3")]
if "cmp1" in nodes:
    # It looks at hypervisors one by one, which is for administrators.
    k.roles.grant(roles["admin"], user=witness, project=platform)
    kinds += [("nova", "compute", "8774/v2.1"), ("placement", "placement", "8778"),
              ("neutron", "network", "9696")]
for name, kind, at in kinds:
    user = k.users.create(name, domain="default", password=secrets[name.upper()])
    for role in ("admin", "service"):
        k.roles.grant(roles[role], user=user, project=service)
    entry = k.services.create(name, type=kind)
    for interface in ("public", "internal", "admin"):
        k.endpoints.create(entry, "https://cloud.example:" + at, interface=interface,
                           region="RegionOne")
END
