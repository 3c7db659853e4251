#!/usr/bin/env python3
"""What a user of this node has of the network: from each SOURCE, an address of this node, each TARGET
of its family is pinged, asked for a page and a long file, and asked by whom it is asked. There and
back it must be HOPS routers, which tells the way by the firewall from the direct line: a connection
opens whose segments live just so long, in both directions, and none opens if in one direction they
live one hop less.

    traffic.py HOPS SOURCE... -- TARGET...
"""
import ipaddress
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

LONG = 4194304
PATIENCE = 30   # seconds for the long file
TTL = 64        # what both witnesses send with
SENT_WITH = {4: (socket.IPPROTO_IP, socket.IP_TTL), 6: (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)}
# IP_MINTTL and IPV6_MINHOPCOUNT: what comes with less is dropped.
TAKEN_WITH = {4: (socket.IPPROTO_IP, 21), 6: (socket.IPPROTO_IPV6, 73)}


def ping(source, target):
    done = subprocess.run(['ping', '-n', '-c', '3', '-i', '0.3', '-W', '2', '-I', source, target],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.returncode == 0, {TTL - int(left) for left in re.findall(r'ttl=(\d+)', done.stdout)}


def fetch(source, target, path):
    """The body, if there is one. Reads at leisure, so that a long file takes some seconds."""
    got, end = b'', time.monotonic() + PATIENCE
    try:
        with socket.create_connection((target, 80), timeout=5, source_address=(source, 0)) as s:
            s.sendall(b'GET %s HTTP/1.0\r\n\r\n' % path)
            while time.monotonic() < end:
                piece = s.recv(65536)
                if not piece:
                    break
                got += piece
                time.sleep(0.02)
    except OSError:
        pass
    head, _, body = got.partition(b'\r\n\r\n')
    return body if head.startswith(b'HTTP/1.0 200 ') else b''


def stranger(source, target):
    """As whom TARGET is asked, if that is not SOURCE: then somebody translates."""
    peer = fetch(source, target, b'/peer').decode('ascii', 'replace')
    try:
        return '' if ipaddress.ip_address(peer) == ipaddress.ip_address(source) else peer
    except ValueError:
        return peer or 'nobody'


def opens(source, target, there=None, back=None):
    """Whether a connection opens whose segments live for so many routers."""
    family = 6 if ':' in source else 4
    with socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET) as s:
        if there is not None:
            s.setsockopt(*SENT_WITH[family], there + 1)
        if back is not None:
            s.setsockopt(*TAKEN_WITH[family], TTL - back)
        s.settimeout(2.5)
        try:
            s.bind((source, 0))
            s.connect((target, 80))
        except OSError:
            return False
    return True


def ask(hops, source, target):
    pinged, back = ping(source, target)
    page = fetch(source, target, b'/')
    tries = {'ping': pinged, 'page': page, 'long file': len(fetch(source, target, b'/long')) == LONG}
    wrong = ['no ' + name for name, good in tries.items() if not good]
    for ways in sorted(back - {hops}):
        wrong.append('a ping comes back by %d routers, not %d' % (ways, hops))
    if page and (peer := stranger(source, target)):
        wrong.append('arrives as %s' % peer)
    if page and not opens(source, target, there=hops, back=hops):
        wrong.append('more than %d routers, there or back' % hops)
    if page and opens(source, target, there=hops - 1):
        wrong.append('goes there by less than %d routers' % hops)
    if page and opens(source, target, back=hops - 1):
        wrong.append('comes back by less than %d routers' % hops)
    return '%s from %s: %s' % (target, source, ', '.join(wrong) if wrong else 'ok')


def main(hops, arguments):
    border = arguments.index('--')
    pairs = [(source, target) for source in arguments[:border] for target in arguments[border + 1:]
             if (':' in source) == (':' in target)]
    if not pairs:
        return 75
    with ThreadPoolExecutor(len(pairs)) as pool:
        seen = list(pool.map(lambda pair: ask(hops, *pair), pairs))
    print('\n'.join(seen))
    return int(any(not line.endswith(': ok') for line in seen))


sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
