#!/usr/bin/python3
"""incident.py RESTORED EXPIRED: is the cloud broken as it should be? The keystone on RESTORED makes
no tokens, the other one does, and the front on EXPIRED alone shows an expired certificate."""
import http.client
import json
import os
import socket
import ssl
import sys
import urllib.error
import urllib.request

PATIENCE = int(os.environ.get("LABRUN_PATIENCE", "1"))


def makes_tokens(address):
    with open("/etc/openstack/clouds.yaml") as f:
        lines = dict(x.strip().split(": ", 1) for x in f if ": " in x)
    request = urllib.request.Request("http://%s:5000/v3/auth/tokens" % address, json.dumps({
        "auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": lines["username"], "password": lines["password"],
            "domain": {"id": "default"}}}}}}).encode(), {"Content-Type": "application/json"})
    try:
        return urllib.request.urlopen(request, timeout=20 * PATIENCE).status
    except urllib.error.HTTPError as e:
        return e.code
    except (OSError, http.client.HTTPException):
        return 0


def verifies(address):
    context = ssl.create_default_context(cafile="/etc/openstack/root.pem")
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        with socket.create_connection((address, 5000), 10) as s:
            context.wrap_socket(s, server_hostname="cloud.example").close()
    except ssl.SSLCertVerificationError as e:
        return e.verify_message
    return "verified"


restored, expired = sys.argv[1:]
seen = {node: (makes_tokens("10.31.0.1" + node[-1]), verifies("10.30.0.1" + node[-1]))
        for node in ("ctl1", "ctl2")}
print(seen)
sys.exit(0 if all(
    (status != 201 if node == restored else status == 201) and
    certificate == ("certificate has expired" if node == expired else "verified")
    for node, (status, certificate) in seen.items()) else 1)
