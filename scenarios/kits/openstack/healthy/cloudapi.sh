#!/bin/sh
# On the witness: the cloud's API for the programs that set it up and for checks. Ports and trust are
# its own: neither the catalog nor a client of the candidate's is asked.
set -eu

install -d /usr/local/lib/labrun
cat >/usr/local/lib/labrun/cloudapi.py <<'END'
"""The cloud's API: Cloud().get("compute", "/servers")."""
import contextlib
import datetime
import http.client
import json
import os
import secrets
import ssl
import sys
import time

# Where nodes are emulated everything takes longer.
PATIENCE = int(os.environ.get("LABRUN_PATIENCE", "1"))
NAME = "cloud.example"
ROOT = "/etc/openstack/root.pem"
SERVERS = "/var/lib/labrun-witness/servers.json"
SERVICES = {"identity": (5000, "/v3"), "image": (9292, "/v2"), "compute": (8774, "/v2.1"),
            "network": (9696, "/v2.0"), "placement": (8778, "")}


class Wrong(Exception):
    """What a cloud that is well would not have said."""


def credentials():
    with open("/etc/openstack/clouds.yaml") as f:
        lines = dict(x.strip().split(": ", 1) for x in f if ": " in x)
    return lines["username"], lines["password"], lines["project_name"]


class Cloud:
    def __init__(self, user=None):
        """USER: (name, password, project); who is in clouds.yaml if not said."""
        self.context = ssl.create_default_context(cafile=ROOT)
        # Which extensions a certificate should have beside is not what is asked.
        self.context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        name, password, project = user or credentials()
        domain = {"id": "default"}
        status, headers, token = self.ask("identity", "POST", "/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": name, "domain": domain, "password": password}}},
            "scope": {"project": {"name": project, "domain": domain}}}}, token=False)
        if status != 201 or not headers.get("X-Subject-Token"):
            raise Wrong("no token: status %d" % status)
        self.token = headers["X-Subject-Token"]
        self.project = token["token"]["project"]["id"]

    def ask(self, service, method, path, body=None, token=True):
        """Returns (status, headers, body as JSON or None)."""
        port, base = SERVICES[service]
        connection = http.client.HTTPSConnection(NAME, port, timeout=60 * PATIENCE, context=self.context)
        headers = {"Content-Type": "application/json", "OpenStack-API-Version": "compute 2.90"}
        if token:
            headers["X-Auth-Token"] = self.token
        try:
            connection.request(method, base + path, None if body is None else json.dumps(body),
                               headers)
            answer = connection.getresponse()
            text = answer.read(64 << 20)
            return answer.status, answer.headers, json.loads(text) if text else None
        except (OSError, http.client.HTTPException, ValueError) as e:
            raise Wrong("%s: %s" % (service, e or type(e).__name__)) from e
        finally:
            connection.close()

    def want(self, service, method, path, body=None):
        status, _, answer = self.ask(service, method, path, body)
        if status >= 300:
            raise Wrong("%s: %s %s: status %d: %s" % (service, method, path.split("?")[0], status,
                                                      json.dumps(answer)[:200]))
        return answer

    def get(self, service, path):
        return self.want(service, "GET", path)

    def post(self, service, path, body):
        return self.want(service, "POST", path, body)

    def one(self, service, path, key, name):
        """The one entry of that name in a list."""
        found = [x for x in self.get(service, path)[key] if x["name"] == name]
        if len(found) != 1:
            raise Wrong("%s: %d %s are called '%s'" % (service, len(found), key, name))
        return found[0]

    def home(self):
        """The network that servers are put into: no way out, but what has their addresses."""
        found = [x["id"] for x in self.get("network", "/networks?router:external=false")["networks"]
                 if x["name"] in ("public", "tenant")]
        if len(found) != 1:
            raise Wrong("network: %d are called 'public' or 'tenant' and take servers" % len(found))
        return found[0]

    def hypervisors(self):
        """nova-compute's entries by host."""
        entries = self.get("compute", "/os-services?binary=nova-compute")["services"]
        return {x["host"]: x for x in entries}

    def server(self, server, seconds):
        """Waits until a server is ACTIVE and returns it."""
        end = time.monotonic() + seconds * PATIENCE
        while True:
            now = self.get("compute", "/servers/%s" % server)["server"]
            if now["status"] == "ACTIVE":
                return now
            if now["status"] == "ERROR":
                raise Wrong("server '%s': %s" % (
                    now["name"], now.get("fault", {}).get("message", "ERROR")[:300]))
            if time.monotonic() > end:
                raise Wrong("server '%s' is %s (%s) after %d s" % (
                    now["name"], now["status"], now["OS-EXT-STS:task_state"], seconds))
            time.sleep(1)


def recorded_servers():
    """[id, name, node, address] of each server that there was before anything broke."""
    try:
        with open(SERVERS) as f:
            return json.load(f)
    except OSError as e:
        print("the witness lacks its record: %s" % e, file=sys.stderr)
        sys.exit(75)


def old(created):
    """Left by a check that was killed?"""
    made = datetime.datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ")
    age = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - made
    return age > datetime.timedelta(minutes=15)


def remove(cloud, server):
    cloud.ask("compute", "DELETE", "/servers/" + server)
    end = time.monotonic() + 60 * PATIENCE
    while cloud.ask("compute", "GET", "/servers/" + server)[0] != 404:
        if time.monotonic() > end:
            raise Wrong("the server that was tried cannot be deleted")
        time.sleep(1)


@contextlib.contextmanager
def trial(cloud, node):
    """A new server on NODE, active; it is gone afterwards."""
    # Nothing can be built where the service is down, and waiting for that takes minutes.
    entry = cloud.hypervisors().get(node)
    if not entry or (entry["state"], entry["status"]) != ("up", "enabled"):
        raise Wrong("nova-compute on %s is %s" % (
            node, "%(state)s and %(status)s" % entry if entry else "not there"))
    prefix = "check-" + node + "-"
    for server in cloud.get("compute", "/servers/detail?name=" + prefix)["servers"]:
        if old(server["created"]):
            cloud.ask("compute", "DELETE", "/servers/" + server["id"])
    server = cloud.post("compute", "/servers", {"server": {
        "name": prefix + secrets.token_hex(4), "flavorRef": "tiny",
        "imageRef": cloud.one("image", "/images", "images", "guest")["id"],
        "networks": [{"uuid": cloud.home()}], "availability_zone": "nova:" + node}})["server"]["id"]
    try:
        now = cloud.server(server, 120)
        if now["OS-EXT-SRV-ATTR:host"] != node:
            raise Wrong("the server is on %s" % now["OS-EXT-SRV-ATTR:host"])
        yield now
    finally:
        remove(cloud, server)


def answer(kinds):
    """Ends a check that was called with the name of one of KINDS and its arguments."""
    try:
        print(kinds[sys.argv[1]](*sys.argv[2:]))
    except Wrong as e:
        print(e)
        sys.exit(1)
    except (ValueError, KeyError, TypeError) as e:
        print("not the answer of a cloud: %r" % e)
        sys.exit(1)


def addresses(server):
    return [a["addr"] for net in server["addresses"].values() for a in net]


def fetch(address, path, seconds, timeout=5):
    """What the server at an address says, asked until it answers."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        connection = http.client.HTTPConnection(address, 80, timeout=timeout * PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read(8 << 20)
            if answer.status == 200:
                return body
            why = "status %d" % answer.status
        except (OSError, http.client.HTTPException) as e:
            why = str(e) or type(e).__name__
        finally:
            connection.close()
        if time.monotonic() > end:
            raise Wrong("http://%s%s: %s, for %d s" % (address, path, why, seconds))
        time.sleep(1)
END
