#!/usr/bin/python3
"""Does a tenant's network carry what it should, asked from outside?

    tenant.py large           large transfers to and between the servers from before arrive whole
    tenant.py metadata NODE…  the servers from before on the nodes get their metadata
    tenant.py mtu MOST        the network promises no more than MOST, and no less than 1280
    tenant.py next-mtu MOST   so does one that is made now
    tenant.py server NODE     a new server on the node gets metadata and large transfers"""
import hashlib
import itertools
import json
import secrets
import sys
import time

sys.path.insert(0, "/usr/local/lib/labrun")
try:
    from cloudapi import (PATIENCE, Cloud, Wrong, addresses, answer, fetch, left, made,
                          made_here, old, recorded_servers, removal, remove, trial)
except ImportError as missing:
    print("the witness lacks its module: %s" % missing, file=sys.stderr)
    sys.exit(75)

PREFIX = "check-mtu-"
REMEMBERED = 30 * PATIENCE  # seconds; nova's metadata service answers out of what it read up to 15 s before


def digest(address):
    return fetch(address, "/large.sha256", 0).split()[0].decode("ascii", "replace")


def arrives_whole(address, name):
    if hashlib.sha256(fetch(address, "/large", 0)).hexdigest() != digest(address):
        raise Wrong("from %s comes something else than it has" % name)


def passes_between(a, name_a, b, name_b):
    """A guest that waits for 5 s in vain has the digest of what it got by then."""
    got = fetch(a, "/cgi-bin/fetch?" + b, 0, timeout=20).split()
    if not got or got[0].decode("ascii", "replace") != digest(b):
        raise Wrong("a megabyte from %s does not get to %s" % (name_b, name_a))


def large():
    record = recorded_servers()
    for _, name, _, address in record:
        arrives_whole(address, name)
    for (_, name_a, _, a), (_, name_b, _, b) in itertools.permutations(record, 2):
        passes_between(a, name_a, b, name_b)
    return "a megabyte arrives whole from each of %d, and between them" % len(record)


def says(body, key, word):
    try:
        return json.loads(body)["meta"][key] == word
    except (KeyError, TypeError):
        return False


def asks(server, name, address):
    """What a server is told when it asks for its metadata."""
    body = fetch(address, "/cgi-bin/metadata", 0, timeout=20)
    if not body:
        raise Wrong("%s gets no metadata" % name)
    seen = json.loads(body)["uuid"]
    if seen != server:
        raise Wrong("%s gets the metadata of %s" % (name, seen))
    return body


def has_metadata(cloud, kind, server, name, address):
    """A server's id stands in every request for its metadata, so anybody can say it back. Who reads what nova
    knows of it says also what has only just been written there."""
    key, word = "check-" + kind, secrets.token_hex(8)
    path = "/servers/%s/metadata/%s" % (server, key)
    cloud.want("compute", "PUT", path, {"meta": {key: word}})
    try:
        end = time.monotonic() + REMEMBERED
        while True:
            if says(asks(server, name, address), key, word):
                return
            if time.monotonic() > end or left() < 1:
                raise Wrong("what %s gets is not what nova knows of it: what was written there %d s ago is "
                            "missing" % (name, REMEMBERED))
            time.sleep(1)
    finally:
        with removal():
            remove(cloud, "compute", path)


def metadata(*nodes):
    cloud = Cloud()
    record = [x for x in recorded_servers() if x[2] in nodes]
    for server, name, _, address in record:
        has_metadata(cloud, "metadata", server, name, address)
    return "%s on %s: metadata" % (", ".join(x[1] for x in record), " and ".join(nodes))


def promises(network, most):
    if not 1280 <= network["mtu"] <= most:
        raise Wrong("the MTU of network '%s' is %d" % (network["name"], network["mtu"]))


def mtu(most):
    cloud = Cloud()
    network = cloud.get("network", "/networks/" + cloud.home())["network"]
    promises(network, int(most))
    return "the MTU is %d" % network["mtu"]


def next_mtu(most):
    cloud = Cloud()
    for network in cloud.get("network", "/networks")["networks"]:
        if made_here(PREFIX, network["name"]) and network["project_id"] == cloud.project and (
                old(network["created_at"])):
            cloud.ask("network", "DELETE", "/networks/" + network["id"])
    with made(cloud, "network", "/networks", "network", {"network": {
            "name": PREFIX + secrets.token_hex(4), "description": "made and deleted by a check"}}) as new:
        promises(new, int(most))
    return "the MTU of a new network is %d" % new["mtu"]


def server(node):
    """A new server leaves traces on its hypervisor, such as nova's cache of images: it is made only where
    the servers that are there have what it is to have."""
    record = recorded_servers()
    here = next(x for x in record if x[2] == node)
    _, peer, _, peer_address = next(x for x in record if x[2] != node)
    asks(here[0], here[1], here[3])
    cloud = Cloud()
    passes_between(here[3], here[1], peer_address, peer)
    with trial(cloud, node) as now:
        address = addresses(now)[0]
        fetch(address, "/boot-id", 120)
        has_metadata(cloud, "server", now["id"], "the new server", address)
        arrives_whole(address, "the new server")
        passes_between(address, "the new server", peer_address, peer)
        passes_between(peer_address, peer, address, "the new server")
    return "a new server on %s has metadata and exchanges a megabyte with %s" % (node, peer)


answer({"large": large, "metadata": metadata, "mtu": mtu, "next-mtu": next_mtu, "server": server},
       removing=60 if sys.argv[1] == "server" else 10, metadata=50 if len(sys.argv) == 3 else 110, server=340)
