#!/usr/bin/env python3
"""A verdict of its own: the site answers as fast over v6 as over v4, give or take."""
import json
import socket
import sys
import time


def connect(address):
    start = time.monotonic()
    with socket.create_connection((address, 80), timeout=5) as s:
        s.sendall(b'GET /health HTTP/1.0\r\n\r\n')
        while s.recv(4096):
            pass
    return time.monotonic() - start


def answer(verdict, seen):
    print(json.dumps({'verdict': verdict, 'seen': seen, 'asked': 'GET /health over v4 and v6',
                      'expected': 'both within %s s' % sys.argv[1]}))
    sys.exit(0)


took = {}
for address in ('10.9.200.1', 'fd09:200::1'):
    try:
        took[address] = connect(address)
    except OSError as e:
        answer('fail', '%s: %s' % (address, e))
slow = max(took.values())
answer('pass' if slow < float(sys.argv[1]) else 'fail',
       ', '.join('%s: %.3f s' % x for x in took.items()))
