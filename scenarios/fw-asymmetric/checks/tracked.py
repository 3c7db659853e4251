#!/usr/bin/env python3
"""Listens for a while to what the firewall's connection tracking says. Users are never idle: between
each ADDRESS and each of its family on the other side there must be connections to port 80, in both
directions, of which it saw both halves (ASSURED), and nobody's address translated.

    tracked.py ADDRESS... -- ADDRESS...
"""
import json
import re
import subprocess
import sys

SECONDS = 12

border = sys.argv.index('--')
missing = {pair for a in sys.argv[1:border] for b in sys.argv[border + 1:] if (':' in a) == (':' in b)
           for pair in ((a, b), (b, a))}
if not missing:
    sys.exit(75)
pairs = len(missing)

listener = subprocess.Popen(
    ['/usr/bin/timeout', str(SECONDS), '/usr/sbin/conntrack', '-E', '-e', 'UPDATES', '-p', 'tcp'],
    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
for line in listener.stdout:
    way = re.search(r'src=(\S+) dst=(\S+) sport=\d+ dport=80 src=(\S+) dst=(\S+) .*\[ASSURED\]', line)
    if way and way.group(1, 2) == way.group(4, 3):
        missing.discard(way.group(1, 2))
    if not missing:
        listener.terminate()
        break
complaint = listener.stderr.read().strip()
if listener.wait() not in (0, 124, 143, -15):
    print(complaint, file=sys.stderr)
    sys.exit(75)

seen = 'all %d tracked' % pairs
if missing:
    seen = 'not tracked as whole connections: ' + ', '.join('%s to %s' % pair for pair in sorted(missing))
print(json.dumps({'verdict': 'fail' if missing else 'pass', 'seen': seen,
                  'expected': 'whole connections of all %d pairs of addresses' % pairs}))
