#!/bin/sh
# Router advertisements are let in, from the link that has a router and from nowhere further away.
set -eu

sed -i '/icmpv6 type { nd-neighbor-solicit/a\        iifname "lan" icmpv6 type nd-router-advert ip6 hoplimit 255 accept' \
    /etc/nftables.conf
nft -f /etc/nftables.conf
