#!/usr/bin/env python3
"""What a user behind this node sees: from each SOURCE, an address of this node, each TARGET of its
family is pinged, and asked for a page.

    reach.py SOURCE... -- TARGET...
"""
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def ping(source, target):
    done = subprocess.run(['ping', '-q', '-n', '-c', '3', '-i', '0.3', '-W', '2', '-I', source, target],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def page(source, target):
    try:
        with socket.create_connection((target, 80), timeout=5, source_address=(source, 0)) as s:
            s.sendall(b'GET / HTTP/1.0\r\n\r\n')
            return s.recv(15).startswith(b'HTTP/1.')
    except OSError:
        return False


def ask(pair):
    source, target = pair
    missing = [name for name, probe in (('ping', ping), ('page', page)) if not probe(source, target)]
    return '%s from %s: %s' % (target, source, 'no ' + ', no '.join(missing) if missing else 'ok')


border = sys.argv.index('--')
pairs = [(source, target) for source in sys.argv[1:border] for target in sys.argv[border + 1:]
         if (':' in source) == (':' in target)]
if not pairs:
    sys.exit(75)
with ThreadPoolExecutor() as pool:
    seen = list(pool.map(ask, pairs))
print('\n'.join(seen))
sys.exit(any(not line.endswith(': ok') for line in seen))
