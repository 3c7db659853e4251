#!/bin/sh
# Everything is reachable once there is no firewall: what the guard is there for.
set -eu
nft flush ruleset
sysctl -q -w net.ipv4.ip_forward=1
systemctl disable --quiet nftables
