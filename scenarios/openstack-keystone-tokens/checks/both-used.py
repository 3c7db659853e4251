#!/usr/bin/python3
"""Does the front of this controller use both keystones? One that does not run is for other checks."""
import csv
import socket
import sys

BOTH = {"10.31.0.11:5000", "10.31.0.12:5000"}

with socket.socket(socket.AF_UNIX) as s:
    s.settimeout(10)
    try:
        s.connect("/run/haproxy/admin.sock")
        s.sendall(b"show stat\n")
        text = s.makefile().read()
    except OSError as e:
        print("the front was not asked: %s" % e)
        sys.exit(0)
rows = csv.DictReader(text.lstrip("# ").splitlines())
missing = BOTH - {r["addr"] for r in rows if r["type"] == "2" and r["status"].startswith("UP")}
print("not used: %s" % ", ".join(sorted(missing)) if missing else "both are used")
sys.exit(1 if missing else 0)
