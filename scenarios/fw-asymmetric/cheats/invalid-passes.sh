#!/bin/sh
# Left over from the search: the firewall no longer drops what belongs to no connection.
set -eu

sed -i 's/, invalid : drop//' /etc/nftables.conf
nft -f /etc/nftables.conf
