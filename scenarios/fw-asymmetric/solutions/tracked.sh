#!/bin/sh
# The benchmark is over.
set -eu

rm /etc/nftables.d/60-benchmark.nft
nft -f /etc/nftables.conf
