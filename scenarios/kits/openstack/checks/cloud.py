#!/usr/bin/python3
"""Is the cloud well, asked with curl's means instead of the client's?

    cloud.py keystones [ROUNDS]   a token made by each keystone is good at each of them
    cloud.py fronts [ROUNDS]      each front makes tokens and knows them, every time, over verified TLS
    cloud.py images               with such tokens each front lists the images, and they are whole
    cloud.py certificates [DAYS]  each front shows a verified certificate with so many days left
    cloud.py fernet               tokens that are made are fernet tokens
    cloud.py tls-only             nothing on the API addresses answers without TLS
    cloud.py tokens-needed        no front answers who has no token, or one that he made up

Each request has a connection of its own, so that a front chooses its keystone anew."""
import base64
import concurrent.futures
import hashlib
import http.client
import json
import os
import socket
import ssl
import sys
import threading
import time

NAME = "cloud.example"
with open("/etc/hosts") as hosts:
    NODES = hosts.read().split()
CONTROLLERS = [x for x in ("ctl1", "ctl2") if x in NODES]
FRONTS = {x: "10.30.0.1" + x[3:] for x in CONTROLLERS}
KEYSTONES = {x: "10.31.0.1" + x[3:] for x in CONTROLLERS}
ROOT = "/etc/openstack/root.pem"
PATIENCE = int(os.environ.get("LABRUN_PATIENCE", "1"))


class Wrong(Exception):
    pass


class Front(http.client.HTTPSConnection):
    """Connects to one front's address and asks for the API's name."""

    def __init__(self, address, port):
        context = ssl.create_default_context(cafile=ROOT)
        # Which extensions a certificate should have beside is not what is asked.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        super().__init__(NAME, port, timeout=15 * PATIENCE, context=context)
        self.address = address

    def connect(self):
        sock = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self._context.wrap_socket(sock, server_hostname=NAME)


def front(address, port=5000):
    return lambda: Front(address, port)


def keystone(address):
    return lambda: http.client.HTTPConnection(address, 5000, timeout=15 * PATIENCE)


class Answer(http.client.HTTPResponse):
    def _read_next_chunk_size(self):
        size = super()._read_next_chunk_size()
        if size < 0:
            raise http.client.HTTPException("a chunk of %d bytes" % size)
        return size


def ask(connect, what, method, path, headers=(), body=None, most=1 << 20):
    """Returns (status, headers, body, of which no more than MOST bytes are read); raises Wrong where there was
    no answer."""
    connection = connect()
    connection.response_class = Answer
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read(most)
    except ssl.SSLCertVerificationError as e:
        raise Wrong("%s: certificate: %s" % (what, e.verify_message)) from e
    except (OSError, http.client.HTTPException) as e:
        raise Wrong("%s: %s" % (what, e or type(e).__name__)) from e
    finally:
        connection.close()


def credentials():
    with open("/etc/openstack/clouds.yaml") as f:
        lines = dict(x.strip().split(": ", 1) for x in f if ": " in x)
    return lines["username"], lines["password"], lines["project_name"]


def issue(connect, what):
    user, password, project = credentials()
    domain = {"id": "default"}
    status, headers, _ = ask(connect, what, "POST", "/v3/auth/tokens", {
        "Content-Type": "application/json"}, json.dumps({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": user, "domain": domain, "password": password}}},
            "scope": {"project": {"name": project, "domain": domain}}}}))
    if status != 201 or not headers.get("X-Subject-Token"):
        raise Wrong("%s makes no token: status %d" % (what, status))
    return headers["X-Subject-Token"]


def known(connect, what, token):
    status, _, body = ask(connect, what, "GET", "/v3/auth/tokens", {
        "X-Auth-Token": token, "X-Subject-Token": token})
    if status != 200:
        raise Wrong("%s: status %d" % (what, status))
    try:
        if json.loads(body)["token"]["user"]["name"] == credentials()[0]:
            return
    except (ValueError, KeyError, TypeError):
        pass
    raise Wrong("%s gives a token that is not this user's" % what)


def keystones(rounds="2"):
    for _ in range(int(rounds)):
        for made, address in KEYSTONES.items():
            token = issue(keystone(address), "keystone on %s" % made)
            for at, other in KEYSTONES.items():
                known(keystone(other), "token of %s at %s" % (made, at), token)
    return "every token was good at each keystone"


def one_front(node, rounds):
    connect = front(FRONTS[node])
    for _ in range(rounds):
        token = issue(connect, "front on %s" % node)
        for _ in range(3):
            known(connect, "its token at the front on %s" % node, token)


def fronts(rounds="2"):
    for node in FRONTS:
        one_front(node, int(rounds))
    return "every token was made and known at each front"


def images():
    with open("/var/lib/labrun-witness/images.json") as f:
        record = json.load(f)
    for node, address in FRONTS.items():
        for _ in range(2):
            header = {"X-Auth-Token": issue(front(address), "front on %s" % node)}
            what = "images at the front on %s" % node
            status, _, body = ask(front(address, 9292), what, "GET", "/v2/images?limit=1000", header)
            if status != 200:
                raise Wrong("%s: status %d" % (what, status))
            listed = {x["id"] for x in json.loads(body)["images"]}
            for image, name, _, digest in record:
                if image not in listed:
                    raise Wrong("%s: '%s' is not listed" % (what, name))
        for image, name, _, digest in record:
            status, _, body = ask(front(address, 9292), what, "GET",
                                  "/v2/images/%s/file" % image, header, most=64 << 20)
            if status != 200 or hashlib.sha256(body).hexdigest() != digest:
                raise Wrong("%s: '%s' does not come whole: status %d" % (what, name, status))
    return "all images are listed and whole at each front"


def certificates(days="30"):
    for node, address in FRONTS.items():
        for port in (5000, 9292):
            what = "front on %s, port %d" % (node, port)
            connection = Front(address, port)
            try:
                connection.connect()
                end = ssl.cert_time_to_seconds(connection.sock.getpeercert()["notAfter"])
            except ssl.SSLCertVerificationError as e:
                raise Wrong("%s: %s" % (what, e.verify_message)) from e
            except OSError as e:
                raise Wrong("%s: %s" % (what, e)) from e
            finally:
                connection.close()
            if end - time.time() < int(days) * 86400:
                raise Wrong("%s: ends in %d days" % (what, (end - time.time()) // 86400))
    return "all certificates verify"


def fernet():
    seen = 0
    for node, address in KEYSTONES.items():
        try:
            token = issue(keystone(address), node)
        except Wrong:
            continue  # whether tokens are made is for other checks
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raw = b""
        age = time.time() - int.from_bytes(raw[1:9], "big")
        if len(raw) < 73 or raw[0] != 0x80 or abs(age) > 600:
            raise Wrong("the token of %s is not a fernet token made now" % node)
        seen += 1
    return "tokens seen: %d" % seen


def answers_plainly(address, port):
    try:
        with socket.create_connection((address, port), 3 * PATIENCE) as s:
            s.settimeout(5 * PATIENCE)
            s.sendall(b"GET /v3 HTTP/1.1\r\nHost: cloud.example\r\nConnection: close\r\n\r\n")
            said = more = s.recv(5)
            while more and len(said) < 5:
                more = s.recv(5 - len(said))
                said += more
            return said == b"HTTP/"
    except OSError:
        return False


def tls_only():
    ports = (80, 443, 5000, 5001, 8000, 8080, 8443, 8774, 8775, 8776, 8778, 9191, 9292, 9293, 9696,
             35357)
    addresses = list(FRONTS.values()) + ["10.30.0.41"] * ("img1" in NODES)
    asked = [(a, p) for a in addresses for p in ports]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for (address, port), plain in zip(asked, pool.map(lambda x: answers_plainly(*x), asked)):
            if plain:
                raise Wrong("%s answers without TLS on port %d" % (address, port))
    return "nothing answers without TLS"


def answers_anybody(address, port, path, headers):
    try:
        status, _, _ = ask(front(address, port), "", "GET", path, headers, most=1)
    except Wrong:
        return False
    return 200 <= status < 300


def tokens_needed():
    """Of what this cloud has; whether that answers those who have a token is for other checks."""
    paths = {5000: "/v3/users", 8774: "/v2.1/servers", 8776: "/v3/volumes",
             8778: "/resource_providers", 9292: "/v2/images", 9696: "/v2.0/networks"}
    asked = [(a, port, path, headers) for a in FRONTS.values() for port, path in paths.items()
             for headers in ({}, {"X-Auth-Token": "admin:admin", "X-Roles": "admin"})]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for (address, port, path, headers), answered in zip(
                asked, pool.map(lambda x: answers_anybody(*x), asked)):
            if answered:
                raise Wrong("%s, port %d: %s without a token%s" % (
                    address, port, path, " that is one" if headers else ""))
    return "nobody is answered without a token"


KINDS = {"keystones": keystones, "fronts": fronts, "images": images,
         "certificates": certificates, "fernet": fernet, "tls-only": tls_only,
         "tokens-needed": tokens_needed}
# Less than scenarios give: a check that was cut off says nothing.
SECONDS = {"certificates": 25, "fronts": 80, "keystones": 80, "images": 80}


def run(result):
    try:
        result.append((0, KINDS[sys.argv[1]](*sys.argv[2:])))
    except Wrong as e:
        result.append((1, str(e)))
    except FileNotFoundError as e:
        result.append((75, "the witness lacks a file: %s" % e))
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        result.append((1, "not the answer of a cloud: %r" % e))


result = []
worker = threading.Thread(target=run, args=(result,), daemon=True)
worker.start()
worker.join(SECONDS.get(sys.argv[1], 50) * PATIENCE)
status, line = result[0] if result else (1, "no whole answer in time")
print(line, file=sys.stderr if status == 75 else sys.stdout, flush=True)
os._exit(status)
