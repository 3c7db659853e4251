#!/bin/sh
# The upstream, which protects itself by a limit, or the customer.
set -eu

strays() { # their other prefixes
    i=0
    while [ "$i" -lt 10 ]; do
        [ "$1" = 4 ] && echo "  network 198.19.$i.0/24" || printf '  network 2001:db8:19%02x::/48\n' "$i"
        i=$((i + 1))
    done
}

case $LABRUN_NODE in
upstream)
    as=64496 id=10.60.255.101 v4=10.60.1. v6=fd60:1:: own4=198.51.100 own6=2001:db8:100
    ;;
customer)
    as=64511 id=10.60.255.102 v4=10.60.3. v6=fd60:3:: own4=203.0.113 own6=2001:db8:cafe
    ;;
esac

cat >/etc/systemd/network/05-lo.network <<EOF
[Match]
Name=lo

[Network]
Address=$own4.1/32
Address=$own6::1/128
EOF
networkctl reload

{
    cat <<EOF
frr defaults traditional
hostname $LABRUN_NODE
log syslog informational
service integrated-vtysh-config
router bgp $as
 bgp router-id $id
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 timers bgp 3 9
 neighbor ${v4}2 remote-as 64500
 neighbor ${v4}2 timers connect 2
 neighbor ${v6}2 remote-as 64500
 neighbor ${v6}2 timers connect 2
EOF
    for version in 4 6; do
        if [ "$version" = 4 ]; then
            peer=${v4}2 own=$own4.0/24
        else
            peer=${v6}2 own=$own6::/48
        fi
        echo " address-family ipv$version unicast"
        echo "  network $own"
        echo "  neighbor $peer activate"
        [ "$LABRUN_NODE" = customer ] || {
            strays "$version"
            echo "  neighbor $peer default-originate"
            echo "  neighbor $peer maximum-prefix 20 restart 1"
        }
        echo ' exit-address-family'
    done
    echo exit
} >/etc/frr/frr.conf
chown frr:frr /etc/frr/frr.conf
chmod 640 /etc/frr/frr.conf
systemctl restart frr.service
