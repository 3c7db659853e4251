#!/bin/sh
# The route that is missing, typed: as if an advertisement had brought it.
set -eu

router=$(ip -6 neighbour show dev lan | awk '/^fe80.* router/ { print $1; exit }')
while ip -6 route delete default 2>/dev/null; do :; done
ip -6 route replace default via "${router:-2001:db8:70::1}" dev lan proto ra expires 1800
