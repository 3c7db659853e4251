#!/bin/sh
# The route that is missing, typed: as if an advertisement had brought it.
set -eu

router=$(tcpdump -n -c 1 -i lan 'icmp6 and ip6[40] == 134' 2>/dev/null | awk '{ print $3; exit }')
[ -n "$router" ]
while ip -6 route delete default 2>/dev/null; do :; done
ip -6 route replace default via "$router" dev lan proto ra expires 1800
