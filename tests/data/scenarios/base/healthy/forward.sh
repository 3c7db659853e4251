#!/bin/sh
# A router that forwards, and a firewall that lets nobody in by telnet.
set -eu
echo 'net.ipv4.ip_forward = 1' >/etc/sysctl.d/50-router.conf
sysctl -q -p /etc/sysctl.d/50-router.conf
cat >/etc/nftables.conf <<'RULES'
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
    chain input { type filter hook input priority filter; tcp dport 23 drop; }
    chain forward { type filter hook forward priority filter; }
}
RULES
nft -f /etc/nftables.conf
systemctl enable --quiet nftables
