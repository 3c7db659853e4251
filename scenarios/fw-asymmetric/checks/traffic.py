#!/usr/bin/env python3
"""What a user of this node has of the network: from each SOURCE, an address of this node, each TARGET
of its family is pinged, and asked for a page and for a long file. There and back it must be HOPS
routers, which tells the way by the firewall from the direct line: back by the hop limit of what
arrives, there by how small a hop limit still gets there.

    traffic.py HOPS SOURCE... -- TARGET...
"""
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

LONG = 4194304
PATIENCE = 15   # seconds for the long file
TTL = 64        # what both witnesses send with


class Sniffer(threading.Thread):
    """Remembers the hop limits of the TCP segments that arrive, by port of this node."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.seen = {}

    def run(self):
        while True:
            data, address = self.socket.recvfrom(80)
            if address[2] == socket.PACKET_OUTGOING or not data:
                continue
            if data[0] >> 4 == 4 and data[9] == socket.IPPROTO_TCP:
                left, tcp = data[8], data[4 * (data[0] & 15):]
            elif data[0] >> 4 == 6 and data[6] == socket.IPPROTO_TCP:
                left, tcp = data[7], data[40:]
            else:
                continue
            if int.from_bytes(tcp[0:2]) == 80:
                self.seen.setdefault(int.from_bytes(tcp[2:4]), set()).add(left)


def ping(source, target):
    done = subprocess.run(['ping', '-n', '-c', '3', '-i', '0.3', '-W', '2', '-I', source, target],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.returncode == 0, {int(left) for left in re.findall(r'ttl=(\d+)', done.stdout)}


def fetch(sniffer, source, target, path, length):
    """Reads at leisure, so that a long file takes some seconds."""
    port, got, end = 0, b'', time.monotonic() + PATIENCE
    try:
        with socket.create_connection((target, 80), timeout=5, source_address=(source, 0)) as s:
            port = s.getsockname()[1]
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
    good = head.startswith(b'HTTP/1.0 200 ') and len(body) >= length
    return good, sniffer.seen.get(port, set())


def arrives(source, target, limit):
    """Whether a connection opens whose segments live for so many hops."""
    six = ':' in source
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM) as s:
        if six:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, limit)
        else:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, limit)
        s.settimeout(2)
        try:
            s.bind((source, 0))
            s.connect((target, 80))
        except OSError:
            return False
    return True


def ask(sniffer, hops, source, target):
    tries = {'ping': ping(source, target),
             'page': fetch(sniffer, source, target, b'/', 1),
             'long file': fetch(sniffer, source, target, b'/long', LONG)}
    wrong = ['no ' + name for name, (good, _) in tries.items() if not good]
    ways = {TTL - left for _, seen in tries.values() for left in seen}
    if ways - {hops}:
        wrong.append('comes back by %s routers, not %d' % ('/'.join(map(str, sorted(ways))), hops))
    if tries['page'][0] and arrives(source, target, hops):
        wrong.append('goes there by fewer than %d routers' % hops)
    elif tries['page'][0] and not arrives(source, target, hops + 1):
        wrong.append('goes there by more than %d routers' % hops)
    if not wrong and not all(seen for _, seen in tries.values()):
        sys.exit(75)    # it came, and was not seen coming
    return '%s from %s: %s' % (target, source, ', '.join(wrong) if wrong else 'ok')


def main(hops, arguments):
    border = arguments.index('--')
    pairs = [(source, target) for source in arguments[:border] for target in arguments[border + 1:]
             if (':' in source) == (':' in target)]
    if not pairs:
        return 75
    try:
        sniffer = Sniffer()
    except OSError as trouble:
        print(trouble)
        return 75
    sniffer.start()
    with ThreadPoolExecutor(len(pairs)) as pool:
        seen = list(pool.map(lambda pair: ask(sniffer, hops, *pair), pairs))
    print('\n'.join(seen))
    return int(any(not line.endswith(': ok') for line in seen))


sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
