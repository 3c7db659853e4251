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
import math
import os
import re
import secrets
import signal
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


# A check's own time: when its work must end, and when all that it does. See answer().
UNTIL = [math.inf, math.inf]
LARGEST = 1 << 20  # bytes of an answer of the API


class Wrong(Exception):
    """What a cloud that is well would not have said."""


class Lost(Wrong):
    """Whether what was asked for was done is not known."""


class Late(BaseException):
    """Nobody on the way from a socket takes it for an error of his own."""


def late(*_):
    raise Late()


def left():
    return UNTIL[0] - time.monotonic()


@contextlib.contextmanager
def limit(seconds):
    """Whoever is asked may say a byte a minute."""
    if seconds <= 0:
        raise Late()
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def removal():
    """For what was made, there is the time that work had to leave."""
    work = UNTIL[0]
    UNTIL[0] = UNTIL[1]
    try:
        yield
    finally:
        UNTIL[0] = work


class Answer(http.client.HTTPResponse):
    def _read_next_chunk_size(self):
        size = super()._read_next_chunk_size()
        if size < 0:
            raise ValueError("a chunk of %d bytes" % size)
        return size


def exchange(connection, method, path, body, headers, most, seconds):
    """Returns (status, headers, body); raises Late, and what http.client does."""
    connection.response_class = Answer
    try:
        with limit(min(seconds, left())):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read(most + 1)
    finally:
        connection.close()
    if len(text) > most:
        raise ValueError("an answer of more than %d bytes" % most)
    return answer.status, answer.headers, text


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
        connection = http.client.HTTPSConnection(NAME, port, context=self.context)
        headers = {"Content-Type": "application/json", "OpenStack-API-Version": "compute 2.90"}
        if token:
            headers["X-Auth-Token"] = self.token
        try:
            status, headers, text = exchange(
                connection, method, base + path, None if body is None else json.dumps(body), headers,
                LARGEST, 60 * PATIENCE)
            if sum(map(text.count, (b"{", b"[", b","))) > 100000:
                raise ValueError("an answer of too many values")
            return status, headers, json.loads(text) if text else None
        except Late as e:
            raise Lost("%s: %s %s: no whole answer in time" % (service, method, path.split("?")[0])) from e
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as e:
            raise Lost("%s: %s" % (service, e or type(e).__name__)) from e

    def want(self, service, method, path, body=None):
        status, _, answer = self.ask(service, method, path, body)
        if status >= 300:
            raise (Lost if status >= 500 else Wrong)("%s: %s %s: status %d: %s" % (service, method, path.split("?")[0], status,
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
                 if x["name"] in ("public", "tenant") and self.project in (
                     x["project_id"], x["shared"] and self.project)]
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
            if time.monotonic() > end or left() < 1:
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


def made_here(prefix, name):
    return re.fullmatch(re.escape(prefix) + "[0-9a-f]{8}", name or "")


def remove(cloud, service, path):
    """What a check has made; who does not answer is asked again."""
    end, why = time.monotonic() + 60 * PATIENCE, "it is still there"
    while True:
        try:
            cloud.ask(service, "DELETE", path)
            if cloud.ask(service, "GET", path)[0] == 404:
                return
        except Wrong as e:
            why = str(e)
        if time.monotonic() > end or left() < 1:
            raise Wrong("what was tried cannot be deleted: %s" % why)
        time.sleep(1)


def remove_late(cloud, service, path, key, name):
    """What was asked for may come although the answer was lost."""
    end = time.monotonic() + 20 * PATIENCE
    while time.monotonic() < end and left() > 1:
        with contextlib.suppress(Wrong):
            for x in cloud.get(service, "%s?name=%s" % (path, name))[key]:
                if x["name"] == name:
                    remove(cloud, service, path + "/" + x["id"])
                    return
        time.sleep(1)


@contextlib.contextmanager
def made(cloud, service, path, kind, body):
    """What POST makes of BODY, which has a name that nothing else has; it is gone afterwards."""
    name = body[kind]["name"]
    try:
        new = cloud.post(service, path, body)[kind]
    except Lost:
        with removal():
            remove_late(cloud, service, path, kind + "s", name)
        raise
    try:
        yield new
    finally:
        with removal():
            remove(cloud, service, path + "/" + new["id"])


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
        if made_here(prefix, server["name"]) and old(server["created"]):
            cloud.ask("compute", "DELETE", "/servers/" + server["id"])
    with made(cloud, "compute", "/servers", "server", {"server": {
            "name": prefix + secrets.token_hex(4), "flavorRef": "tiny",
            "imageRef": cloud.one("image", "/images?limit=1000", "images", "guest")["id"],
            "networks": [{"uuid": cloud.home()}], "availability_zone": "nova:" + node}}) as server:
        now = cloud.server(server["id"], 120)
        if now["OS-EXT-SRV-ATTR:host"] != node:
            raise Wrong("the server is on %s" % now["OS-EXT-SRV-ATTR:host"])
        yield now


def answer(kinds, removing=0, **seconds):
    """Ends a check that was called with the name of one of KINDS and its arguments. It has so many SECONDS, 80
    if that says nothing of its kind, and the last of them, REMOVING, to clear away: less than what the
    scenario gives it, for a check that was cut off says nothing."""
    UNTIL[1] = time.monotonic() + seconds.get(sys.argv[1].replace("-", "_"), 80) * PATIENCE
    UNTIL[0] = UNTIL[1] - removing * PATIENCE
    try:
        print(kinds[sys.argv[1]](*sys.argv[2:]))
    except Wrong as e:
        print(e)
        sys.exit(1)
    except (FileNotFoundError, StopIteration) as e:
        print("the witness lacks a file, or what is in it: %r" % e, file=sys.stderr)
        sys.exit(75)
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
            status, _, body = exchange(connection, "GET", path, None, {}, 8 << 20, 60 * PATIENCE)
            if status == 200:
                return body
            why = "status %d" % status
        except Late:
            why = "no whole answer in time"
        except (OSError, http.client.HTTPException, ValueError) as e:
            why = str(e) or type(e).__name__
        if time.monotonic() > end or left() < 1:
            raise Wrong("http://%s%s: %s, for %d s" % (address, path, why, seconds))
        time.sleep(1)
END
