#!/usr/bin/python3
"""Does the image service keep images where it should, and with a key that is good for nothing else?

    store.py round           a new image is uploaded with a key of its own, comes back whole, lies in the
                             pool, becomes a volume, and is gone without a trace when deleted
    store.py data            the images and the volume that were there lie whole in their pools
    store.py key             whoever has the image service's key reaches no other pool, and other
                             keys are what they were
    store.py limit BYTES     the pool may hold what was agreed, or a little less
    store.py incident POOL   the state that candidates are handed

What lies in the pool is read from Ceph with the monitoring's own key."""
import contextlib
import errno
import hashlib
import http.client
import ipaddress
import json
import os
import re
import socket
import ssl
import sys
import threading
import time

import rados
import rbd

STATE = "/var/lib/labrun-witness/"
NAME, FRONT = "cloud.example", "10.30.0.11"
ADDRESS = ipaddress.ip_address("10.20.0.50")  # the witness's, on the storage network
OTHERS = ("volumes", "backups")
ROUND = "monitoring-round-"
PATIENCE = int(os.environ.get("LABRUN_PATIENCE", "1"))
ABANDONED = 300 * PATIENCE  # seconds; no round goes on for so long
COULD_NOT_TELL = 75  # EX_TEMPFAIL
OPEN = []
TIMEOUTS = dict.fromkeys(("client_mount_timeout", "rados_mon_op_timeout", "rados_osd_op_timeout"),
                         str(20 * PATIENCE))


class Wrong(Exception):
    pass


class Front(http.client.HTTPSConnection):
    """Connects to the front's address and asks for the API's name."""

    def __init__(self, port, timeout=20):
        context = ssl.create_default_context(cafile="/etc/openstack/root.pem")
        # Which extensions a certificate should have beside is not what is asked.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        super().__init__(NAME, port, timeout=timeout * PATIENCE, context=context)

    def connect(self):
        sock = socket.create_connection((FRONT, self.port), self.timeout)
        self.sock = self._context.wrap_socket(sock, server_hostname=NAME)


def ask(what, method, path, token=None, body=None, kind="application/json", port=9292, timeout=20):
    """Returns (status, headers, body); raises Wrong where there was no answer."""
    connection = Front(port, timeout)
    headers = {"Content-Type": kind}
    if token:
        headers["X-Auth-Token"] = token
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read(64 << 20)
    except (OSError, http.client.HTTPException) as e:
        raise Wrong("%s: %s" % (what, e or type(e).__name__)) from e
    finally:
        connection.close()


def expect(status, wanted, what):
    if status != wanted:
        raise Wrong("%s: status %d" % (what, status))


def issue():
    with open("/etc/openstack/clouds.yaml") as f:
        lines = dict(x.strip().split(": ", 1) for x in f if ": " in x)
    domain = {"id": "default"}
    wanted = {"identity": {"methods": ["password"], "password": {"user": {
        "name": lines["username"], "domain": domain, "password": lines["password"]}}},
        "scope": {"project": {"name": lines["project_name"], "domain": domain}}}
    status, headers, _ = ask("token", "POST", "/v3/auth/tokens", body=json.dumps({"auth": wanted}),
                             port=5000)
    expect(status, 201, "token")
    return headers["X-Subject-Token"]


def round_name():
    """Of an image or a volume of a round, with the time of its making for sweep()."""
    return "%s%d-%s" % (ROUND, time.time(), os.urandom(4).hex())


class Image:
    """An image of the witness's own, which does not outlive its with statement."""

    def __init__(self):
        self.name = round_name()

    def __enter__(self):
        self.token = issue()
        status, _, body = ask("a new image", "POST", "/v2/images", self.token, json.dumps({
            "name": self.name, "disk_format": "raw", "container_format": "bare"}))
        expect(status, 201, "a new image")
        self.id = json.loads(body)["id"]
        self.path = "/v2/images/" + self.id
        return self

    def delete(self):
        status, _, _ = ask("deleting", "DELETE", self.path, self.token)
        expect(status, 204, "deleting the image")

    def __exit__(self, *_):
        try:
            ask("deleting", "DELETE", self.path, self.token)
        except Wrong:
            pass  # who does not answer is told by what was asked before


def cluster(name="client.witness", **conf):
    return rados.Rados(conffile="/etc/ceph/ceph.conf", name=name, conf=dict(TIMEOUTS, **conf))


def mon(ceph, prefix, target=None, **args):
    status, out, error = ceph.mon_command(json.dumps(dict(args, prefix=prefix, format="json")), b"",
                                          target=target)
    if status:
        raise OSError("'%s' was not answered: %s" % (prefix, error or os.strerror(-status)))
    return json.loads(out)


def pool(ceph, name):
    try:
        return ceph.open_ioctx(name)
    except rados.ObjectNotFound:
        raise Wrong("there is no pool '%s'" % name) from None


def full(ceph):
    """A write to a pool that is full does not fail: it waits."""
    flags = {p["pool_name"]: p["flags_names"] for p in mon(ceph, "osd dump")["pools"]}
    return "full" in flags.get("images", "")


def stored(io, name):
    """What the pool has under this name, from the snapshot that volumes are cloned from. It stays
    open until this process ends: where the pool is full, closing would wait."""
    try:
        image = rbd.Image(io, name, snapshot="snap", read_only=True)
    except rbd.ImageNotFound:
        raise Wrong("%s is not in the pool, or has no snapshot" % name) from None
    OPEN.append(image)
    if not image.is_protected_snap("snap"):
        raise Wrong("the snapshot of %s in the pool is not protected" % name)
    return image.read(0, image.size())


class Volume:
    """A volume that block storage makes from an image; it does not outlive its with statement."""

    def __init__(self, image):
        self.image, self.name, self.id = image, round_name(), None

    def __enter__(self):
        try:
            status, _, body = self.ask("POST", "/v3/volumes", json.dumps({"volume": {
                "name": self.name, "size": 1, "imageRef": self.image.id}}))
            expect(status, 202, "a volume from the image")
            self.id = json.loads(body)["volume"]["id"]
            self.available()
        except BaseException:
            with contextlib.suppress(Wrong):
                self.delete()
            raise
        return self

    def ask(self, method, path, body=None):
        return ask("block storage", method, path, self.image.token, body, port=8776, timeout=50)

    def available(self):
        end, state = time.monotonic() + 25 * PATIENCE, "creating"
        while state in ("creating", "downloading") and time.monotonic() < end:
            time.sleep(0.5)
            status, _, body = self.ask("GET", "/v3/volumes/" + self.id)
            expect(status, 200, "the volume from the image")
            state = json.loads(body)["volume"]["status"]
        if state != "available":
            raise Wrong("a volume from the image is in the state '%s'" % state)

    def delete(self):
        """One that is still being made is not deleted yet, and one whose request was not answered
        may have been made all the same."""
        if not self.id:
            _, _, body = self.ask("GET", "/v3/volumes?name=" + self.name)
            found = json.loads(body)["volumes"]
            if not found:
                return
            self.id = found[0]["id"]
        end = time.monotonic() + 30 * PATIENCE
        while self.ask("DELETE", "/v3/volumes/" + self.id)[0] != 404:
            if time.monotonic() > end:
                raise Wrong("the volume from the image cannot be deleted")
            time.sleep(0.5)

    def __exit__(self, *_):
        self.delete()

    def compare(self, ceph, data):
        with pool(ceph, "volumes") as io, rbd.Image(
                io, "volume-" + self.id, read_only=True) as volume:
            try:
                parent = volume.parent_info()
            except rbd.ImageNotFound:
                parent = None
            if parent != ("images", self.image.id, "snap"):
                raise Wrong("the volume is a copy of the image, and no clone of it")
            if volume.read(0, len(data)) != data:
                raise Wrong("the volume from the image has other data")


def sweep(token):
    """What rounds that were killed have left; another round may be going on."""
    for what, path, port in (("volumes", "/v3/volumes", 8776), ("images", "/v2/images", 9292)):
        status, _, body = ask(what, "GET", path, token, port=port)
        expect(status, 200, what)
        for x in json.loads(body)[what]:
            made = re.match(ROUND + r"(\d+)-", x["name"] or "")
            if made and int(made[1]) < time.time() - ABANDONED:
                ask(what, "DELETE", path + "/" + x["id"], token, port=port)


def sessions(ceph, client):
    """The names by which the monitors know a client."""
    names = set()
    for name in (m["name"] for m in mon(ceph, "mon dump")["mons"]):
        try:
            answer = mon(ceph, "sessions", target=name)
        except (OSError, rados.Error, ValueError):
            continue
        names |= {s["entity_name"] for s in answer if s.get("global_id") == client}
    return names


def wait_for_users(monitors, io, name):
    """The names of those who have the image open, as soon as somebody has."""
    end = time.monotonic() + 15 * PATIENCE
    while time.monotonic() < end:
        try:
            with rbd.Image(io, name, read_only=True) as opened:
                clients = [w["id"] for w in opened.watchers_list()]
        except rbd.ImageNotFound:
            clients = []
        if clients:
            return set().union(*(sessions(monitors, c) for c in clients))
        time.sleep(0.2)
    return set()


def upload(monitors, io, image, data):
    """Sends DATA in two halves: in between, whoever writes the image has it open. Returns the status,
    and the names of those who had."""
    connection, half = Front(9292), len(data) // 2
    try:
        connection.putrequest("PUT", image.path + "/file")
        for header in (("X-Auth-Token", image.token), ("Content-Length", str(len(data))),
                       ("Content-Type", "application/octet-stream")):
            connection.putheader(*header)
        connection.endheaders(data[:half])
        used = wait_for_users(monitors, io, image.id)
        connection.send(data[half:])
        answer = connection.getresponse()
        answer.read(1 << 20)
        return answer.status, used
    except (OSError, http.client.HTTPException) as e:
        raise Wrong("upload: %s" % (e or type(e).__name__)) from e
    finally:
        connection.close()


def recorded_keys():
    with open(STATE + "keys.json") as f:
        return {x["entity"]: x for x in json.load(f)}


def one_round():
    data, others = os.urandom(3 << 20), recorded_keys()
    with cluster() as ceph, pool(ceph, "images") as io, Image() as image:
        if full(ceph):
            raise Wrong("the upload does not end: the image stays in 'saving'")
        sweep(image.token)
        with cluster("mon.", keyring=STATE + "mon.keyring") as monitors:
            status, used = upload(monitors, io, image, data)
        expect(status, 204, "upload")
        if not used:
            raise Wrong("nobody was seen to write the image while it was uploaded")
        if used & set(others):
            raise Wrong("the image is written with the key of %s" % ", ".join(used & set(others)))
        status, _, body = ask("the image", "GET", image.path, image.token)
        if status != 200 or json.loads(body)["status"] != "active":
            raise Wrong("the image is not active after its upload")
        status, _, body = ask("download", "GET", image.path + "/file", image.token)
        if status != 200 or body != data:
            raise Wrong("the image does not come whole: status %d" % status)
        try:
            same = stored(io, image.id) == data
        finally:
            while OPEN:
                OPEN.pop().close()
        if not same:
            raise Wrong("the pool has other data than was uploaded")
        with rbd.Image(io, image.id, read_only=True) as opened:
            prefix = opened.stat()["block_name_prefix"]
        with Volume(image) as volume:
            volume.compare(ceph, data)
        image.delete()
        left = [x for x in rbd.RBD().list(io) if x == image.id]
        left += [x["name"] for x in rbd.RBD().trash_list(io) if x["name"] == image.id]
        left += [o.key for o in io.list_objects() if o.key.startswith(prefix)]
        if left:
            raise Wrong("of the deleted image there is still %s in the pool" % left[0])
    return "uploaded, fetched whole, in the pool, made a volume, deleted without a trace"


def data():
    with open(STATE + "images.json") as f:
        record = json.load(f)
    ceph = cluster()
    ceph.connect()
    io = pool(ceph, "images")
    OPEN.extend((ceph, io))
    for name, title, _, digest in record:
        if hashlib.sha256(stored(io, name)).hexdigest() != digest:
            raise Wrong("the pool has other data for '%s'" % title)
    with open(STATE + "volumes.json") as f:
        volumes = json.load(f)
    io = pool(ceph, "volumes")
    OPEN.append(io)
    for name, title, size, digest in volumes:
        try:
            volume = rbd.Image(io, "volume-" + name, read_only=True)
        except rbd.ImageNotFound:
            raise Wrong("the volume '%s' is not in its pool" % title) from None
        OPEN.append(volume)
        if hashlib.sha256(volume.read(0, size)).hexdigest() != digest:
            raise Wrong("the pool has other data for the volume '%s'" % title)
    return "all %d images are whole in the pool, and so is the volume" % len(record)


def reaches(entity, key, canaries):
    """What can be done with a key and should not be. Nothing is changed where it can."""
    try:
        ceph = cluster(entity, key=key, keyring="/dev/null")
        ceph.connect()
    except (rados.PermissionError, rados.PermissionDeniedError):
        return
    try:
        # Refused before it is found that there is no such key and no such pool.
        for command in ({"prefix": "auth get", "entity": "client.monitoring-none"},
                        {"prefix": "osd pool set-quota", "pool": "monitoring-none",
                         "field": "max_bytes", "val": "0"}):
            status = -ceph.mon_command(json.dumps(command), b"")[0]
            if status == errno.ETIMEDOUT:
                raise rados.TimedOut("the monitors do not answer %s" % entity)
            if status not in (errno.EPERM, errno.EACCES):
                yield "%s may ask the monitors for '%s'" % (entity, command["prefix"])
        for other in OTHERS:
            try:
                io = pool(ceph, other)
            except rados.TimedOut:
                return  # who may not ask the monitors gets no map of them, and so to no pool
            with io:
                name = next(c[1] for c in canaries if c[0] == other)
                for what, act in (("read", lambda: io.read(name)),
                                  ("write", lambda: io.remove_object("monitoring.none"))):
                    try:
                        act()
                    except (rados.PermissionError, rados.PermissionDeniedError):
                        continue
                    except rados.ObjectNotFound:
                        pass
                    yield "%s may %s in pool '%s'" % (entity, what, other)
    finally:
        ceph.shutdown()


def here(caps):
    """Whether all that they grant, wherever from, is granted here."""
    try:
        return all(ADDRESS in ipaddress.ip_network(n.strip("',\""), strict=False)
                   for n in re.findall(r"\bnetwork[ =]+(\S+)", caps))
    except ValueError:
        return False


def users(monitors):
    """Whether an image can be uploaded, and who writes it."""
    with cluster() as ceph, pool(ceph, "images") as io:
        if full(ceph):
            return False, set()
        with Image() as image:
            status, used = upload(monitors, io, image, bytes(131072))
            return status == 204, used


def key():
    record = recorded_keys()
    with open(STATE + "canaries.json") as f:
        canaries = json.load(f)
    wrong = []
    with cluster("mon.", keyring=STATE + "mon.keyring") as monitors:
        now = {x["entity"]: x for x in mon(monitors, "auth ls")["auth_dump"]}
        for entity, was in record.items():
            if entity not in now:
                wrong.append("%s is gone" % entity)
            elif now[entity]["key"] != was["key"] or now[entity]["caps"] != was["caps"]:
                wrong.append("the key or the capabilities of %s were changed" % entity)
        for entity in sorted(set(now) - set(record)):
            wrong += reaches(entity, now[entity]["key"], canaries)
            if "*" in now[entity]["caps"].get("mgr", ""):
                wrong.append("%s may everything at the manager" % entity)
            if not here(" ".join(now[entity]["caps"].values())):
                wrong.append("what %s may do from elsewhere cannot be seen here" % entity)
        works, used = False, set()  # whether images can be uploaded is for another check
        end = time.monotonic() + 30 * PATIENCE
        for _ in range(3):
            with contextlib.suppress(Wrong):
                works, used = users(monitors)
            if used or time.monotonic() > end:
                break
        if works and not used:
            wrong.append("images are uploaded, and nobody is seen to write them")
        # Those that are new were tried; all others are somebody else's.
        wrong += ["the image service uses the key of %s" % x
                  for x in sorted(used - (set(now) - set(record)))]
    if wrong:
        raise Wrong("; ".join(wrong[:4]))
    return "no new key reaches another pool; the image service was seen to use: %s" % (
        ", ".join(sorted(used)) or "none")


def limit(agreed):
    with cluster() as ceph:
        found = [p for p in mon(ceph, "osd dump")["pools"] if p["pool_name"] == "images"]
    if not found:
        raise Wrong("there is no pool 'images'")
    most, objects = found[0]["quota_max_bytes"], found[0]["quota_max_objects"]
    told = "the pool may hold %d bytes and %d objects (0: no limit)" % (most, objects)
    if not 0.9 * int(agreed) <= most <= int(agreed) or objects:
        raise Wrong(told)
    return told


def incident(expected):
    with cluster("mon.", keyring=STATE + "mon.keyring") as monitors:
        caps = mon(monitors, "auth get", entity="client.glance")[0]["caps"]["osd"]
        stopped = full(monitors)
    status, _, _ = ask("images", "GET", "/v2/images", issue())
    seen = "caps: %s; full: %s; images: status %d" % (caps, stopped, status)
    if caps != "profile rbd pool=" + expected or not stopped or status != 503:
        raise Wrong(seen)
    return seen


def run(result):
    try:
        result.append((0, KINDS[sys.argv[1]](*sys.argv[2:])))
    except Wrong as e:
        result.append((1, str(e)))
    except FileNotFoundError as e:
        result.append((COULD_NOT_TELL, "the witness lacks its record: %s" % e))
    except (OSError, rados.Error, rbd.Error) as e:
        # To users of images it is all one who fails them; what is a guard has not seen a wrong.
        result.append((COULD_NOT_TELL if sys.argv[1] in ("data", "key") else 1, "Ceph: %s" % e))
    except (ValueError, KeyError, TypeError) as e:
        result.append((1, "not the answer of an image service: %r" % e))


KINDS = {"round": one_round, "data": data, "key": key, "limit": limit, "incident": incident}
result = []
worker = threading.Thread(target=run, args=(result,), daemon=True)
worker.start()
worker.join(100 * PATIENCE)
status, line = result[0] if result else (
    COULD_NOT_TELL if sys.argv[1] in ("data", "key") else 1, "no answer in time")
print(line, flush=True)
if status == COULD_NOT_TELL:
    print(line, file=sys.stderr, flush=True)
os._exit(status)
