#!/bin/sh
# Router advertisements are let in again.
set -eu

sed -i 's/icmpv6 type { nd-neighbor-solicit/icmpv6 type { nd-router-advert, nd-neighbor-solicit/' \
    /etc/nftables.conf
nft -f /etc/nftables.conf
