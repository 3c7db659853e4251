#!/bin/sh
set -eu
sed -i 's/priority filter; }/priority filter; drop; }/' /etc/nftables.conf
nft -f /etc/nftables.conf
