#!/usr/bin/python3
"""secret.py: nova's metadata answers nobody whose signature is none, empty or guessed, or, once this node
has been told of a new secret, made with the old one. That those who may are answered is for others to ask;
but where they are, this node has to get a refusal, and not no answer."""
import hashlib
import hmac
import http.client
import os
import secrets
import sys

sys.path.insert(0, "/usr/local/lib/labrun")
from cloudapi import PATIENCE, Cloud, Wrong, fetch, recorded_servers

FIRST = "/var/lib/labrun-witness/metadata-secret"


def asked(server, project, address, secret):
    """The status that a metadata agent with that secret (None: one that does not sign) gets; None: it is
    not answered."""
    headers = {"X-Instance-ID": server, "X-Tenant-ID": project, "X-Forwarded-For": address}
    if secret is not None:
        headers["X-Instance-ID-Signature"] = hmac.new(
            secret.encode(), server.encode(), hashlib.sha256).hexdigest()
    connection = http.client.HTTPConnection("10.31.0.11", 8775, timeout=5 * PATIENCE)
    try:
        connection.request("GET", "/openstack/latest/meta_data.json", headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def main():
    try:
        with open(FIRST) as f:
            first = f.read().strip()
    except OSError as e:
        print("the witness lacks its record: %s" % e, file=sys.stderr)
        sys.exit(75)
    rotated = os.path.exists(FIRST + "-new")
    server, name, _, address = recorded_servers()[0]
    project = Cloud().project
    false = [("no", None), ("an empty", ""), ("a guessed", secrets.token_hex(16))]
    if rotated:
        false.append(("the old", first))
    got = {what: asked(server, project, address, secret) for what, secret in false}
    for what, status in got.items():
        if status == 200:
            raise Wrong("who signs with %s secret gets the metadata of %s" % (what, name))
    if None in got.values() and fetch(address, "/cgi-bin/metadata", 0, timeout=20):
        raise Wrong("nova's metadata service answers the hypervisors and not the monitoring: what it takes "
                    "from them cannot be seen")
    return "who signs with %s secret is refused" % ", ".join(got)


try:
    print(main())
except Wrong as wrong:
    print(wrong)
    sys.exit(1)
