#!/bin/sh
# "It is the firewall": then there is none.
set -eu

nft flush ruleset
systemctl disable nftables.service
