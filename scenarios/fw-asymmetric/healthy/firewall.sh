#!/bin/sh
# The firewall between the users' networks: it knows connections, and lets new ones through to port
# 80 and nothing else.
set -eu

systemctl disable --now frr.service

for name in west east; do
    case $name in
    west) via=10.80.21.1 via6=2001:db8:8c::1 nets='1 11' nets6='81 8a' ;;
    east) via=10.80.22.3 via6=2001:db8:8d::3 nets='2 12' nets6='82 8b' ;;
    esac
    mkdir -p "/etc/systemd/network/10-$name.network.d"
    {
        for net in $nets; do
            printf '[Route]\nDestination=10.80.%s.0/24\nGateway=%s\n\n' "$net" "$via"
        done
        for net in $nets6; do
            printf '[Route]\nDestination=2001:db8:%s::/64\nGateway=%s\n\n' "$net" "$via6"
        done
    } >"/etc/systemd/network/10-$name.network.d/10-routes.conf"
done

cat >/etc/nftables.conf <<'EOT'
#!/usr/sbin/nft -f
flush ruleset

table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        iifname { "lo", "eth0" } accept
        icmp type { echo-request, destination-unreachable, time-exceeded } accept
        icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, echo-request } accept
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        ip saddr 10.80.1.0/24 ip daddr 10.80.2.0/24 jump agreed
        ip saddr 10.80.2.0/24 ip daddr 10.80.1.0/24 jump agreed
        ip6 saddr 2001:db8:81::/64 ip6 daddr 2001:db8:82::/64 jump agreed
        ip6 saddr 2001:db8:82::/64 ip6 daddr 2001:db8:81::/64 jump agreed
    }
    chain agreed {
        icmp type echo-request accept
        icmpv6 type echo-request accept
        tcp dport 80 accept
    }
}

include "/etc/nftables.d/*.nft"
EOT
mkdir -p /etc/nftables.d
systemctl enable nftables.service
nft -f /etc/nftables.conf
networkctl reload
networkctl reconfigure west east
