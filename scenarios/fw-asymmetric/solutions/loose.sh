#!/bin/sh
# Loose: a sender to whom there is any route at all. For IPv6 by the mark it is routed by, too.
set -eu

sed -i 's/rp_filter = 1/rp_filter = 2/' /etc/sysctl.d/80-direct-line.conf
sysctl -q -p /etc/sysctl.d/80-direct-line.conf
sed -i 's/fib saddr \. iif oif/fib saddr oif/' /etc/nftables.d/50-antispoof.nft
nft -f /etc/nftables.conf
