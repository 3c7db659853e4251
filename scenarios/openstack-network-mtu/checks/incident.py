#!/usr/bin/python3
"""incident.py STALE OTHER: is the network broken as it should be? Servers answer, and large transfers get
through to neither of them; the one on OTHER has metadata, and the one on STALE has none."""
import json
import sys

sys.path.insert(0, "/usr/local/lib/labrun")
from cloudapi import Cloud, Wrong, fetch, recorded_servers


def gets_metadata(address):
    body = fetch(address, "/cgi-bin/metadata", 0, timeout=20)
    return bool(body) and bool(json.loads(body).get("uuid"))


def main(stale, other):
    cloud = Cloud()
    mtu = cloud.get("network", "/networks/" + cloud.home())["network"]["mtu"]
    if mtu < 8000:
        raise Wrong("the network's MTU is %d" % mtu)
    there = {node: address for _, _, node, address in recorded_servers()}
    digests = {x: fetch(there[x], "/large.sha256", 0).split()[0] for x in there}
    for a, b in ((stale, other), (other, stale)):
        if fetch(there[a], "/cgi-bin/fetch?" + there[b], 0, timeout=20).split()[0] == digests[b]:
            raise Wrong("a megabyte gets from %s to %s" % (b, a))
    if not gets_metadata(there[other]):
        raise Wrong("the server on %s has no metadata" % other)
    if gets_metadata(there[stale]):
        raise Wrong("the server on %s has metadata" % stale)
    return "the MTU is %d; large transfers get lost, and there is no metadata on %s" % (mtu, stale)


try:
    print(main(*sys.argv[1:]))
except Wrong as wrong:
    print(wrong)
    sys.exit(1)
