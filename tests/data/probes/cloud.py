#!/usr/bin/env python3
"""A cloud as its APIs look to one client, for the tests of the openstack probe.

cloud.py FD CERTIFICATE KEY STATE ODD

It listens on the descriptor FD, for all APIs at once, and without TLS for its servers, of which
the header Host says which one is asked. What it has is written to the file STATE. ODD is JSON:
{"GET /v2.1/servers/": [status, body], "GET http://10.9.0.1/": …}; the first key with which a
request begins takes the place of the right answer. "3|GET …" does so with each third of them. A
status of 0 is the right answer, but for what an object in "body" replaces in it; bodies that
begin with @ are no JSON at all."""
import datetime
import hashlib
import http.server
import json
import socket
import ssl
import sys
import threading
import time

ODD = json.loads(sys.argv[5])
LOCK = threading.Lock()
SERVERS, IMAGES, VOLUMES, DATA, SEEN = {}, {}, {}, {}, {}
BEGIN = time.monotonic()


def beat():
    return (datetime.datetime(2026, 11, 27) + datetime.timedelta(
        seconds=time.monotonic() - BEGIN)).strftime("%Y-%m-%dT%H:%M:%S.%f")


def token(port):
    return {"token": {"user": {"name": "monitor"}, "project": {"name": "platform"}, "catalog": [
        {"type": "compute", "endpoints": [
            {"interface": i, "region_id": r, "region": r, "url": "https://%s:%d/v2.1" % (i, port)}
            for i in ("public", "internal") for r in ("RegionOne", "RegionTwo")]}]}}


def guests(host):
    """Ids of the servers with this address; one server is there from the beginning."""
    every = dict(SERVERS, old={"id": "old", "addresses": {"public": [
        {"addr": "10.9.0.99"}, {"addr": "fd00::99"}]}})
    return [s["id"] for s in every.values() if host in [
        "[%s]" % x["addr"] if ":" in x["addr"] else x["addr"] for x in s["addresses"]["public"]]]


def large(ids):
    return hashlib.sha256("".join(ids).encode()).hexdigest()


class Cloud(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def identity(self, path, body):
        if path != "/v3/auth/tokens":
            return 404, {}
        if self.command == "POST":
            user = body["auth"]["identity"]["password"]["user"]
            if user["password"] != "guess me" or user["domain"] != {"name": "Default"}:
                return 401, {"error": {"message": "wrong password"}}
            return 201, token(1)
        return 200 if self.headers["X-Subject-Token"] == "issued" else 404, token(1)

    def compute(self, path, body):
        if path == "/v2.1/os-services":
            return 200, {"services": [
                {"binary": "nova-compute", "host": h, "status": "enabled", "state": "up",
                 "forced_down": False, "disabled_reason": None, "updated_at": beat()}
                for h in ("cmp1", "cmp2")]}
        if path == "/v2.1/flavors":
            return 200, {"flavors": [{"id": "f1", "name": "tiny"}]}
        if path == "/v2.1/servers" and self.command == "POST":
            n = len(SERVERS) + 1
            new = dict(body["server"], id="s%d" % n, status="ACTIVE", addresses={"public": [
                {"addr": "fd00::%d" % n}, {"addr": "10.9.0.%d" % n}]})
            new["OS-EXT-SRV-ATTR:host"] = new.get("availability_zone", "nova:cmp2")[5:]
            SERVERS[new["id"]] = new
            return 202, {"server": {"id": new["id"]}}
        return self.one_or_all(SERVERS, path, "/v2.1/servers", "server")

    def network(self, path, _):
        if path == "/v2.0/agents":
            return 200, {"agents": [
                {"agent_type": "OVN Controller agent", "host": "cmp1", "alive": True,
                 "admin_state_up": True, "heartbeat_timestamp": beat().replace("T", " ")}]}
        return 200, {"networks": [{"id": "n1", "name": "public"}]}

    def image(self, path, body):
        key = path.split("/")[3] if path.count("/") > 2 else None
        if path == "/v2/images" and self.command == "POST":
            key = "i%d" % (len(IMAGES) + 1)
            IMAGES[key] = dict(body, id=key, status="queued")
            return 201, IMAGES[key]
        if path.endswith("/file") and self.command == "PUT":
            DATA[key] = body
            IMAGES[key].update(status="active", size=len(body), os_hash_algo="sha512",
                               os_hash_value=hashlib.sha512(body).hexdigest())
            return 204, b""
        if path.endswith("/file"):
            return 200, DATA[key]
        if path == "/v2/images":
            return 200, {"images": [{"id": "guest", "name": "guest"}]}
        status, answer = self.one_or_all(IMAGES, path, "/v2/images", "image")
        return status, answer["image"] if status == 200 else answer

    def volume(self, path, body):
        """Whoever looks at a volume that is made or deleted sees it so once."""
        if self.headers["OpenStack-API-Version"] != "volume 3.5":
            return 406, {"computeFault": {"message": "Version None is not supported"}}
        path = path.replace("/p1", "", 1)
        key = path[len("/v3/volumes/"):]
        if path == "/v3/messages":
            return 200, {"messages": [
                {"resource_uuid": v, "user_message": "schedule allocate volume: no room for " + v}
                for v in ("v2", "v1")]}
        if path == "/v3/volumes" and self.command == "GET":
            return 200, {"volumes": [{"id": "boot", "name": None}] + list(VOLUMES.values())}
        if self.command == "POST":
            key = "v%d" % (len(VOLUMES) + 1)
            VOLUMES[key] = dict(body["volume"], id=key, status="creating")
            VOLUMES[key].setdefault("volume_type", "fast")
            return 202, {"volume": VOLUMES[key]}
        if key not in VOLUMES:
            return 404, {"itemNotFound": {"message": "no " + key}}
        now = dict(VOLUMES[key])
        if now["status"] == "creating":
            VOLUMES[key]["status"] = "available"
        if self.command == "DELETE":
            if now["status"] != "available":
                return 400, {"badRequest": {"message": "Volume status must be available"}}
            VOLUMES[key]["status"] = "deleting"
            return 202, b""
        if now["status"] == "deleting":
            del VOLUMES[key]
        return 200, {"volume": now}

    def one_or_all(self, objects, path, base, name):
        if path == base:
            return 200, {name + "s": list(objects.values())}
        key = path[len(base) + 1:]
        if key not in objects:
            return 404, {"itemNotFound": {"message": "no " + key}}
        if self.command == "DELETE":
            return 204, objects.pop(key) and b""
        return 200, {name: objects[key]}

    def guest(self, path):
        """What a server answers itself."""
        ids = guests(self.headers["Host"])
        if ids and path == "/boot-id":
            return 200, ("boot of " + ids[0]).encode()
        if ids and path == "/large.sha256":
            return 200, (large(ids) + "  large\n").encode()
        if ids and path == "/cgi-bin/fetch":
            return 200, (large(guests(self.path.split("?")[1])) + "  -\n").encode()
        if ids and path == "/cgi-bin/metadata":
            return 200, {"uuid": ids[0], "name": "new", "meta": SERVERS[ids[0]].get("metadata", {})}
        return 404, b""

    def right(self, body):
        path = self.path.split("?")[0]
        if not isinstance(self.connection, ssl.SSLSocket):
            return self.guest(path)
        if not path.startswith("/v3/auth/") and self.headers["X-Auth-Token"] != "issued":
            return 401, {}
        api = {"/v3": self.volume, "/v2.1": self.compute, "/v2.0": self.network,
               "/v2": self.image}["/" + path.split("/")[1]]
        api = self.identity if path.startswith("/v3/auth/") else api
        return api(path, body)

    def odd(self, status, answer):
        to = "" if isinstance(self.connection, ssl.SSLSocket) else "http://" + self.headers["Host"]
        asked = "%s %s%s" % (self.command, to, self.path)
        for key, (other, body) in ODD.items():
            every, _, key = key.rpartition("|")
            if not asked.startswith(key):
                continue
            SEEN[key] = SEEN.get(key, 0) + 1
            if every and SEEN[key] % int(every):
                continue
            if not other:
                for k, v in body.items() if status < 300 and isinstance(answer, dict) else ():
                    at = answer
                    *way, last = k.split(".")
                    for part in way:
                        at = at[int(part) if part.isdigit() else part]
                    at[int(last) if last.isdigit() else last] = v
                return status, answer
            return other or status, body
        return status, answer

    def do_all(self):
        n = int(self.headers["Content-Length"] or 0)
        body = self.rfile.read(n)
        if self.headers["Content-Type"] == "application/json":
            body = json.loads(body)
        with LOCK:
            status, answer = self.odd(*self.right(body))
            with open(sys.argv[4], "w") as f:
                f.write("%d servers, %d images, %d volumes" % (
                    len(SERVERS), len(IMAGES), len(VOLUMES)))
        if isinstance(answer, str):
            text = {"@nest": b"[" * 100000, "@huge": b" " * (9 << 20), "@nan": b'{"a": NaN}',
                    "@page": b"<html><body><h1>503 Service  Unavailable</h1></body></html>",
                    "@surrogate": b'{"error": {"message": "\\ud800\\u0000x"}}',
                    "@latin": b'{"a": "\xff"}'}.get(answer, answer.encode())
        else:
            text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        more = {"@cut": 1, "@drip": 1000000}.get(answer, 0) if isinstance(answer, str) else 0
        self.send_response(status)
        self.send_header("X-Subject-Token", "" if answer == "@no-token" else "issued")
        self.send_header("Content-Length", str(len(text) + more))
        self.end_headers()
        self.wfile.write(text)
        while answer == "@drip":
            self.wfile.write(b" ")
            time.sleep(0.1)

    do_GET = do_POST = do_PUT = do_DELETE = do_all


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, fd):
        super().__init__(None, Cloud, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=fd)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(sys.argv[2], sys.argv[3])

    def finish_request(self, request, client_address):
        if request.recv(1, socket.MSG_PEEK) != b"\x16":
            super().finish_request(request, client_address)
            return
        with self.context.wrap_socket(request, server_side=True) as s:
            super().finish_request(s, client_address)

    def handle_error(self, *_):
        pass


Server(int(sys.argv[1])).serve_forever()
