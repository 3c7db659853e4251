#!/usr/bin/env python3
"""Whether a filter takes for an answer what only looks like one: from port 80 of each SOURCE, an
address of this node, segments that belong to no connection go to the operators' port of each TARGET
of its family. Silence is right; whatever comes back has found a hole. The segments are made by hand,
for port 80 is in use here.

    hole.py SOURCE... -- TARGET...
"""
import socket
import struct
import sys
import time

SYN, ACK = 2, 16
FROM, TO = 80, 8080
IPV6_CHECKSUM = 7


def segment(source, target, flags, sequence):
    """A TCP header. The kernel adds the checksum for IPv6, not for IPv4."""
    header = struct.pack('!HHIIBBHHH', FROM, TO, sequence, sequence, 5 << 4, flags, 1024, 0, 0)
    if ':' in source:
        return header
    whole = (socket.inet_aton(source) + socket.inet_aton(target)
             + struct.pack('!HH', socket.IPPROTO_TCP, len(header)) + header)
    total = sum(struct.unpack('!%dH' % (len(whole) // 2), whole))
    total = (total & 0xffff) + (total >> 16)
    total = ~(total + (total >> 16)) & 0xffff
    return header[:16] + struct.pack('!H', total) + header[18:]


def answered(source, target):
    six = ':' in source
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_TCP) as s:
        if six:
            s.setsockopt(socket.IPPROTO_IPV6, IPV6_CHECKSUM, 16)
        s.bind((source, 0))
        for turn in range(6):
            s.sendto(segment(source, target, (SYN, ACK)[turn % 2], 1000 * turn + 1), (target, 0))
            end = time.monotonic() + 0.3
            while (left := end - time.monotonic()) > 0:
                s.settimeout(left)
                try:
                    data, address = s.recvfrom(256)
                except TimeoutError:
                    break
                if not six:
                    data = data[4 * (data[0] & 15):]
                if address[0] == target and struct.unpack('!HH', data[:4]) == (TO, FROM):
                    return True
    return False


border = sys.argv.index('--')
pairs = [(source, target) for source in sys.argv[1:border] for target in sys.argv[border + 1:]
         if (':' in source) == (':' in target)]
if not pairs:
    sys.exit(75)
try:
    holes = [pair for pair in pairs if answered(*pair)]
except OSError as trouble:
    print(trouble)
    sys.exit(75)
for pair in holes:
    print('%s, port 80, is answered by %s, port 8080' % pair)
sys.exit(bool(holes))
