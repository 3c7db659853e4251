#!/bin/sh
# Passes while telnet is dropped in the rules that are loaded and in those that a boot loads.
set -eu
nft list ruleset | grep -q 'tcp dport 23 drop'
grep -q 'tcp dport 23 drop' /etc/nftables.conf
systemctl is-enabled --quiet nftables
