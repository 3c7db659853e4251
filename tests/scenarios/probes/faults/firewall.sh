#!/bin/sh
# "Open it up for a moment."
set -eu
sed -i '/ct state/d; s/policy drop/policy accept/' /etc/nftables.conf
nft -f /etc/nftables.conf
