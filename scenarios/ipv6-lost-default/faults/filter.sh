#!/bin/sh
# "Least privilege" for ICMPv6, by somebody who has not read RFC 4890.
set -eu

sed -i 's/icmpv6 type { nd-router-advert, nd-neighbor-solicit/icmpv6 type { nd-neighbor-solicit/' \
    /etc/nftables.conf
nft -f /etc/nftables.conf
# The route of the last advertisement goes when its time is over.
tries=0
while ip -6 route show default | grep -q 'proto ra'; do
    tries=$((tries + 1))
    [ "$tries" -lt 90 ] || exit 1
    sleep 1
done
