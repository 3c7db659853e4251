#!/bin/sh
# The table goes, and so does the file that would bring it back.
set -eu

rm /etc/nftables.d/50-mitigation.nft
nft delete table inet mitigation
