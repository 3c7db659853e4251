#!/bin/sh
# The table stays for the next benchmark, without its rule.
set -eu

sed -i 's/^\( *\)iifname/\1# iifname/' /etc/nftables.d/60-benchmark.nft
nft -f /etc/nftables.conf
