#!/bin/sh
# The router between the racks' cluster networks.
set -eu

systemctl disable --now frr.service
cat >/etc/sysctl.d/70-router.conf <<'EOF'
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
EOF
sysctl -q -p /etc/sysctl.d/70-router.conf

mkdir -p /etc/nftables.d
cat >/etc/nftables.conf <<'EOF'
#!/usr/sbin/nft -f
flush ruleset

table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        iifname { "lo", "eth0" } accept comment "eth0: management"
        meta l4proto { icmp, ipv6-icmp } accept
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        iifname { "racka", "rackb" } oifname { "racka", "rackb" } accept
    }
    chain output {
        type filter hook output priority filter; policy accept;
    }
}

include "/etc/nftables.d/*.nft"
EOF
systemctl enable --now nftables.service

cat >/root/racks.txt <<'EOF'
The cluster networks. Every port on the way, of router and storage nodes alike, carries 9000 bytes.

rack A   10.21.0.0/24   fd21::/64      leaf .1, ceph1 .11, ceph2 .12, clients' monitoring .50
rack B   10.21.1.0/24   fd21:1::/64    leaf .1, ceph3 .13, monitoring .50
uplink   10.22.0.0/24   fd22::/64      leaf .2; 1500 bytes, monitoring only, nothing is forwarded to it
EOF
