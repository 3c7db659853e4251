#!/usr/bin/python3
"""both-used.py ADDRESS: does the front of this controller use both keystones? Some requests are made of it,
and each keystone must have had some of them. A front that does not run is for other checks."""
import csv
import http.client
import os
import socket
import ssl
import sys

BOTH = {"10.31.0.11:5000", "10.31.0.12:5000"}
REQUESTS = 8
TIMEOUT = 10 * int(os.environ.get("LABRUN_PATIENCE", "1"))  # seconds


def served():
    """How many requests each keystone has had, by the front's own count."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(TIMEOUT)
        s.connect("/run/haproxy/admin.sock")
        s.sendall(b"show stat\n")
        text = s.makefile().read()
    counts = dict.fromkeys(BOTH, 0)
    for row in csv.DictReader(text.lstrip("# ").splitlines()):
        if row["type"] == "2" and row["addr"] in counts:
            counts[row["addr"]] += int(row["stot"] or 0)
    return counts


def ask(address):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # its certificate is for other checks
    connection = http.client.HTTPSConnection(address, 5000, timeout=TIMEOUT, context=context)
    try:
        connection.request("GET", "/v3")
        connection.getresponse().read(1 << 16)
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


def listens(address):
    try:
        socket.create_connection((address, 5000), timeout=TIMEOUT).close()
    except OSError:
        return False
    return True


def main(address):
    if not listens(address):
        return "there is no front", 0
    try:
        before = served()
        for _ in range(REQUESTS):
            ask(address)
        after = served()
    except (OSError, ValueError, KeyError) as e:
        return "the front does not say what it uses: %s" % e, 1
    unused = sorted(x for x in BOTH if after[x] <= before[x])
    if unused:
        return "of %d requests none went to %s" % (REQUESTS, " and ".join(unused)), 1
    return "both are used", 0


text, status = main(sys.argv[1])
print(text)
sys.exit(status)
