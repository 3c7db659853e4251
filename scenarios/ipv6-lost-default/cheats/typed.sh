#!/bin/sh
# The route that is missing, typed: as if an advertisement had brought it.
set -eu

router=$(ip -6 neighbour show dev lan | awk '/^fe80.* router/ { print $1; exit }')
[ -n "$router" ]
while ip -6 route delete default 2>/dev/null; do :; done
ip -6 route replace default via "$router" dev lan proto ra expires 1800
