#!/usr/bin/python3
"""Large packets, that may not be split on the way, to each ADDRESS.

    large.py path ADDRESS...    packets of 9000 bytes arrive
    large.py told ADDRESS...    the router says that they are too large for the port ahead, which
                                carries 1500

What an earlier answer taught this machine's kernel is not used: each packet is really sent.
"""
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TOLD = re.compile(r"Frag needed and DF set \(mtu = 1500\)|Packet too big: mtu=1500")


def ping(address):
    size = 9000 - (48 if ":" in address else 28)
    done = subprocess.run(["ping", "-n", "-M", "probe", "-c", "3", "-i", "0.4", "-W", "2",
                           "-s", str(size), address], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True,
                          env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    return done.returncode == 0, bool(TOLD.search(done.stdout))


question, addresses = sys.argv[1], sys.argv[2:]
with ThreadPoolExecutor() as pool:
    answers = list(pool.map(ping, addresses))
wrong = 0
for address, (arrived, told) in zip(addresses, answers):
    right = arrived if question == "path" else told
    wrong += not right
    print("%s: %s" % (address, {
        "path": "9000 bytes arrive" if right else "9000 bytes do not arrive",
        "told": "told that only 1500 bytes pass" if right else "not told that 9000 bytes are too many",
    }[question]))
sys.exit(wrong > 0)
