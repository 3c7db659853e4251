#!/usr/bin/env python3
"""Whether a filter takes for an answer what only looks like one: from port 80 of each SOURCE, an
address of this node, segments that belong to no connection go to each TARGET of its family: to the
operators' port, and to port 80 what would answer a connection that nobody began. Silence is right, and
so is a firewall that refuses by itself; what comes back through it has found a hole. The segments
are made by hand, for port 80 is in use here.

    hole.py SOURCE... -- TARGET...
"""
import socket
import struct
import sys
import time
from concurrent.futures import ThreadPoolExecutor

SYN, RST, ACK = 2, 4, 16
PORT, OPERATORS = 80, 8080
# Each is answered by one that a firewall which did not see the question takes for invalid: SYN, last
# and taken back, so that no half open connection is there that would answer ACK by ACK.
TRIES = [(ACK, OPERATORS)] * 3 + [(SYN | ACK, PORT)] * 3 + [(SYN, OPERATORS)] * 3
SEQUENCE = 1
TTL = 64        # what all nodes send with
BEYOND = 3      # routers that an answer has passed if the firewall let it, and the question, through
IPV6_CHECKSUM = 7


def segment(source, target, flags, port, sequence):
    """A TCP header. The kernel adds the checksum for IPv6, not for IPv4."""
    header = struct.pack('!HHIIBBHHH', PORT, port, sequence, sequence, 5 << 4, flags, 1024, 0, 0)
    if ':' in source:
        return header
    whole = (socket.inet_aton(source) + socket.inet_aton(target)
             + struct.pack('!HH', socket.IPPROTO_TCP, len(header)) + header)
    total = sum(struct.unpack('!%dH' % (len(whole) // 2), whole))
    total = (total & 0xffff) + (total >> 16)
    total = ~(total + (total >> 16)) & 0xffff
    return header[:16] + struct.pack('!H', total) + header[18:]


def receive(s, six):
    """The address, the ports and the hop limit of the next TCP segment for this node."""
    data, extra, _, address = s.recvmsg(256, 64)
    if six:
        left = next(struct.unpack('i', value)[0] for level, kind, value in extra
                    if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT))
    else:
        left, data = data[8], data[4 * (data[0] & 15):]
    return address[0], struct.unpack('!HH', data[:4]), left


def try_one(s, source, target, flags, port):
    s.sendto(segment(source, target, flags, port, SEQUENCE), (target, 0))
    end = time.monotonic() + 0.3
    while (left := end - time.monotonic()) > 0:
        s.settimeout(left)
        try:
            address, ports, hops = receive(s, ':' in source)
        except TimeoutError:
            break
        if address == target and ports == (port, PORT) and TTL - hops >= BEYOND:
            return True
    return False


def answered(source, target):
    """The port of TARGET that answers, if one does."""
    six = ':' in source
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_TCP) as s:
        if six:
            s.setsockopt(socket.IPPROTO_IPV6, IPV6_CHECKSUM, 16)
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        s.bind((source, 0))
        found = next((port for flags, port in TRIES if try_one(s, source, target, flags, port)), None)
        s.sendto(segment(source, target, RST, OPERATORS, SEQUENCE + 1), (target, 0))
    return found


border = sys.argv.index('--')
pairs = [(source, target) for source in sys.argv[1:border] for target in sys.argv[border + 1:]
         if (':' in source) == (':' in target)]
if not pairs:
    sys.exit(75)
try:
    with ThreadPoolExecutor(len(pairs)) as pool:
        seen = list(pool.map(lambda pair: answered(*pair), pairs))
except OSError as trouble:
    print(trouble)
    sys.exit(75)
for pair, port in zip(pairs, seen):
    if port:
        print('%s, port 80, is answered by %s, port %d' % (*pair, port))
sys.exit(any(seen))
