#!/bin/sh
# An edge router: users' networks by the firewall, in the main table; backups get a mark, and a table
# of their own that goes by the direct line.
set -eu

case $LABRUN_NODE in
r1)
    inner=west fw=10.80.21.2 fw6=2001:db8:8c::2 line=10.80.30.3 line6=2001:db8:8e::3
    users=10.80.2.0/24 users6=2001:db8:82::/64 backup=10.80.12.0/24 backup6=2001:db8:8b::/64
    ;;
r3)
    inner=east fw=10.80.22.2 fw6=2001:db8:8d::2 line=10.80.30.1 line6=2001:db8:8e::1
    users=10.80.1.0/24 users6=2001:db8:81::/64 backup=10.80.11.0/24 backup6=2001:db8:8a::/64
    ;;
esac

systemctl disable --now frr.service

mkdir -p "/etc/systemd/network/10-$inner.network.d" /etc/systemd/network/10-direct.network.d
cat >"/etc/systemd/network/10-$inner.network.d/10-users.conf" <<EOT
[Route]
Destination=$users
Gateway=$fw

[Route]
Destination=$users6
Gateway=$fw6
EOT
cat >"/etc/systemd/network/10-$inner.network.d/20-backup.conf" <<EOT
# Whoever has no business there is refused by the firewall. Backups go by table 100.
[Route]
Destination=$backup
Gateway=$fw

[Route]
Destination=$backup6
Gateway=$fw6
EOT
cat >/etc/systemd/network/10-direct.network.d/10-backup.conf <<EOT
# Packets between the two backup networks are marked in nftables.conf.
[RoutingPolicyRule]
FirewallMark=100
Table=100
Priority=1000
Family=both

[Route]
Table=100
Destination=$backup
Gateway=$line

[Route]
Table=100
Destination=$backup6
Gateway=$line6
EOT

cat >/etc/nftables.conf <<'EOT'
#!/usr/sbin/nft -f
flush ruleset

table inet classes {
    set backup4 {
        type ipv4_addr
        flags interval
        elements = { 10.80.11.0/24, 10.80.12.0/24 }
    }
    set backup6 {
        type ipv6_addr
        flags interval
        elements = { 2001:db8:8a::/64, 2001:db8:8b::/64 }
    }
    chain prerouting {
        type filter hook prerouting priority mangle; policy accept;
        ip saddr @backup4 ip daddr @backup4 meta mark set 100
        ip6 saddr @backup6 ip6 daddr @backup6 meta mark set 100
    }
}

include "/etc/nftables.d/*.nft"
EOT
mkdir -p /etc/nftables.d
systemctl enable nftables.service
nft -f /etc/nftables.conf
networkctl reload
networkctl reconfigure "$inner" direct
