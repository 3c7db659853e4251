#!/bin/sh
# One of the backbone's three routers: BGP with each neighbour in both families, and a filter that
# lets nothing in but what was agreed on.
set -eu

case $LABRUN_NODE in
r1) as=65001 edge=transit inner=west ;;
r2) as=65002 edge='' inner='west east' ;;
r3) as=65003 edge=customer inner=east ;;
esac

# segment, version of IP, the neighbour's address, its AS
peers() {
    case $LABRUN_NODE in
    r1) cat <<'EOF' ;;
transit 4 10.40.1.1 64500
transit 6 fd40:1::1 64500
west 4 10.40.12.2 65002
west 6 fd40:12::2 65002
EOF
    r2) cat <<'EOF' ;;
west 4 10.40.12.1 65001
west 6 fd40:12::1 65001
east 4 10.40.23.3 65003
east 6 fd40:23::3 65003
EOF
    r3) cat <<'EOF' ;;
customer 4 10.40.3.1 64510
customer 6 fd40:3::1 64510
east 4 10.40.23.2 65002
east 6 fd40:23::2 65002
EOF
    esac
}

# The neighbour's own prefixes come in; ours, and those of the other neighbour, go out.
prefix_lists() {
    case $LABRUN_NODE in
    r1) cat <<'EOF' ;;
ip prefix-list NEIGHBOUR-IN seq 10 permit 198.51.100.0/24
ip prefix-list NEIGHBOUR-OUT seq 10 permit 192.0.2.0/24
ip prefix-list NEIGHBOUR-OUT seq 20 permit 203.0.113.0/24
ipv6 prefix-list NEIGHBOUR-IN seq 10 permit 2001:db8:100::/48
ipv6 prefix-list NEIGHBOUR-OUT seq 10 permit 2001:db8:2::/48
ipv6 prefix-list NEIGHBOUR-OUT seq 20 permit 2001:db8:200::/48
EOF
    r3) cat <<'EOF' ;;
ip prefix-list NEIGHBOUR-IN seq 10 permit 203.0.113.0/24
ip prefix-list NEIGHBOUR-OUT seq 10 permit 192.0.2.0/24
ip prefix-list NEIGHBOUR-OUT seq 20 permit 198.51.100.0/24
ipv6 prefix-list NEIGHBOUR-IN seq 10 permit 2001:db8:200::/48
ipv6 prefix-list NEIGHBOUR-OUT seq 10 permit 2001:db8:2::/48
ipv6 prefix-list NEIGHBOUR-OUT seq 20 permit 2001:db8:100::/48
EOF
    esac
}

key() {
    case $1 in
    transit) echo Transit-7f3a ;;
    customer) echo Nordlys-c91e ;;
    esac
}

family() {
    echo " address-family ipv$1 unicast"
    [ "$LABRUN_NODE" != r2 ] || case $1 in
    4) echo '  network 192.0.2.0/24' ;;
    6) echo '  network 2001:db8:2::/48' ;;
    esac
    peers | while read -r segment version address _; do
        [ "$version" = "$1" ] || continue
        echo "  neighbor $address activate"
        [ "$segment" = "$edge" ] || continue
        echo "  neighbor $address prefix-list NEIGHBOUR-IN in"
        echo "  neighbor $address prefix-list NEIGHBOUR-OUT out"
        echo "  neighbor $address maximum-prefix 10"
    done
    echo ' exit-address-family'
}

{
    cat <<EOF
frr defaults traditional
hostname $LABRUN_NODE
log syslog informational
service integrated-vtysh-config
EOF
    prefix_lists
    cat <<EOF
router bgp $as
 bgp router-id 10.40.255.${LABRUN_NODE#r}
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 timers bgp 3 9
EOF
    peers | while read -r segment version address peer_as; do
        echo " neighbor $address remote-as $peer_as"
        echo " neighbor $address description $segment, IPv$version"
        echo " neighbor $address timers connect 2"
        [ "$segment" != "$edge" ] || echo " neighbor $address password $(key "$segment")"
    done
    family 4
    family 6
    echo exit
} >/etc/frr/frr.conf
chown frr:frr /etc/frr/frr.conf
chmod 640 /etc/frr/frr.conf

# The service's addresses.
[ "$LABRUN_NODE" != r2 ] || {
    cat >/etc/systemd/network/05-lo.network <<'EOF'
[Match]
Name=lo

[Network]
Address=192.0.2.1/32
Address=2001:db8:2::1/128
EOF
    networkctl reload
}

mkdir -p /etc/nftables.d
{
    cat <<'EOF'
#!/usr/sbin/nft -f
flush ruleset

table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        iifname "lo" accept
        meta l4proto { icmp, ipv6-icmp } accept
        iifname "eth0" accept comment "management"
EOF
    [ "$LABRUN_NODE" != r2 ] || echo '        tcp dport 80 accept'
    for segment in $edge $inner; do
        peers | while read -r on version address _; do
            [ "$on" = "$segment" ] || continue
            [ "$version" = 4 ] && word=ip || word=ip6
            echo "        iifname \"$on\" $word saddr $address tcp dport 179 accept"
        done
    done
    cat <<'EOF'
    }
}

include "/etc/nftables.d/*.nft"
EOF
} >/etc/nftables.conf
systemctl enable --now nftables

cat >/root/peerings.txt <<'EOF'
What was agreed with whom. Keep this right; the routers must say the same.

segment    side a                         side b                          key
transit    upstream AS 64500              r1 AS 65001                     Transit-7f3a
           10.40.1.1    fd40:1::1         10.40.1.2    fd40:1::2
west       r1 AS 65001                    r2 AS 65002                     none
           10.40.12.1   fd40:12::1        10.40.12.2   fd40:12::2
east       r2 AS 65002                    r3 AS 65003                     none
           10.40.23.2   fd40:23::2        10.40.23.3   fd40:23::3
customer   nordlys AS 64510               r3 AS 65003                     Nordlys-c91e
           10.40.3.1    fd40:3::1         10.40.3.2    fd40:3::2

announced by    prefixes                               to
upstream        198.51.100.0/24  2001:db8:100::/48     everybody
r2 (our own)    192.0.2.0/24     2001:db8:2::/48       everybody
nordlys         203.0.113.0/24   2001:db8:200::/48     everybody

Anything else a neighbour sends is not ours to pass on. Keys: TCP-MD5, one for both families.
EOF
chmod 600 /root/peerings.txt
systemctl restart frr.service
