#!/usr/bin/python3
"""behind.py ADDRESS...: a packet that may pass the site's router, and nothing more, gets no answer from
there: what answers users is behind one that routes."""
import socket
import sys

EDGE_ONLY = 2  # hops: the router takes one, and a host that would pass it on needs another


def answers(address):
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, EDGE_ONLY)
        s.settimeout(4)
        try:
            s.connect((address, 80))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
        return True


near = [x for x in sys.argv[1:] if answers(x)]
if near:
    print("the host itself answers for %s" % ", ".join(near))
    sys.exit(1)
print("nothing answers before the hosts")
