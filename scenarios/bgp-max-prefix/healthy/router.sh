#!/bin/sh
# A router of ours: iBGP with the core in a star; b1 has the upstream, b3 the customer. A neighbour's
# prefixes come in by a list, up to a limit, and get a community that says where they came from.
set -eu

case $LABRUN_NODE in
b1) id=1 inner=10.60.12. inner6=fd60:12:: outer=10.60.1. outer6=fd60:1:: outer_as=64496 name=UPSTREAM ;;
b2) id=2 ;;
b3) id=3 inner=10.60.23. inner6=fd60:23:: outer=10.60.3. outer6=fd60:3:: outer_as=64511 name=CUSTOMER ;;
esac

filters() {
    case $LABRUN_NODE in
    b1) cat <<'EOF' ;;
ip prefix-list UPSTREAM-IN seq 10 permit 0.0.0.0/0
ip prefix-list UPSTREAM-IN seq 20 permit 198.51.100.0/24
ip prefix-list UPSTREAM-IN seq 30 permit 198.19.0.0/16 ge 24 le 24
ipv6 prefix-list UPSTREAM-IN seq 10 permit ::/0
ipv6 prefix-list UPSTREAM-IN seq 20 permit 2001:db8:100::/48
ipv6 prefix-list UPSTREAM-IN seq 30 permit 2001:db8:1900::/40 ge 48 le 48
bgp community-list standard OURS permit 64500:10
bgp community-list standard CUSTOMERS permit 64500:20
route-map FROM-UPSTREAM permit 10
 set community 64500:30
exit
route-map TO-UPSTREAM permit 10
 match community OURS
exit
route-map TO-UPSTREAM permit 20
 match community CUSTOMERS
exit
EOF
    b2) cat <<'EOF' ;;
route-map OURS permit 10
 set community 64500:10
exit
EOF
    b3) cat <<'EOF' ;;
ip prefix-list CUSTOMER-IN seq 10 permit 203.0.113.0/24
ip prefix-list CUSTOMER-OUT seq 10 permit 0.0.0.0/0
ip prefix-list CUSTOMER-OUT seq 20 permit 192.0.2.0/24
ipv6 prefix-list CUSTOMER-IN seq 10 permit 2001:db8:cafe::/48
ipv6 prefix-list CUSTOMER-OUT seq 10 permit ::/0
ipv6 prefix-list CUSTOMER-OUT seq 20 permit 2001:db8:2::/48
route-map FROM-CUSTOMER permit 10
 set community 64500:20
exit
EOF
    esac
}

session() { # ADDRESS AS
    echo " neighbor $1 remote-as $2"
    echo " neighbor $1 timers connect 2"
}

family() { # VERSION
    if [ "$1" = 4 ]; then
        here=$inner there=$outer
    else
        here=$inner6 there=$outer6
    fi
    far=${there}1
    cat <<EOF
 address-family ipv$1 unicast
  neighbor ${here}2 activate
  neighbor ${here}2 next-hop-self
  neighbor $far activate
  neighbor $far prefix-list $name-IN in
  neighbor $far route-map FROM-$name in
  neighbor $far maximum-prefix $limit
EOF
    case $LABRUN_NODE in
    b1) echo "  neighbor $far route-map TO-UPSTREAM out" ;;
    b3) echo "  neighbor $far prefix-list CUSTOMER-OUT out" ;;
    esac
    echo ' exit-address-family'
}

{
    cat <<EOF
frr defaults traditional
hostname $LABRUN_NODE
log syslog informational
service integrated-vtysh-config
EOF
    filters
    cat <<EOF
router bgp 64500
 bgp router-id 10.60.255.$id
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 timers bgp 3 9
EOF
    if [ "$LABRUN_NODE" = b2 ]; then
        for address in 10.60.12.1 fd60:12::1 10.60.23.1 fd60:23::1; do
            session "$address" 64500
        done
        for version in 4 6; do
            echo " address-family ipv$version unicast"
            if [ "$version" = 4 ]; then
                own=192.0.2.0/24 west=10.60.12.1 east=10.60.23.1
            else
                own=2001:db8:2::/48 west=fd60:12::1 east=fd60:23::1
            fi
            echo "  network $own route-map OURS"
            for address in "$west" "$east"; do
                echo "  neighbor $address activate"
                echo "  neighbor $address route-reflector-client"
                echo "  neighbor $address next-hop-self force"
            done
            echo ' exit-address-family'
        done
    else
        for address in "${inner}2" "${inner6}2"; do
            session "$address" 64500
        done
        for address in "${outer}1" "${outer6}1"; do
            session "$address" "$outer_as"
        done
        [ "$name" = UPSTREAM ] && limit=50 || limit=10
        family 4
        family 6
    fi
    echo exit
} >/etc/frr/frr.conf
chown frr:frr /etc/frr/frr.conf
chmod 640 /etc/frr/frr.conf

# The service's addresses.
[ "$LABRUN_NODE" != b2 ] || {
    cat >/etc/systemd/network/05-lo.network <<'EOF'
[Match]
Name=lo

[Network]
Address=192.0.2.1/32
Address=2001:db8:2::1/128
EOF
    networkctl reload
}

cat >/root/peerings.txt <<'EOF'
What was agreed with whom, in both families.

neighbour   AS      they announce                                    our limit    we announce
upstream    64496   default, 198.51.100.0/24, ten of 198.19.0.0/16   50           our own and the
                    default, 2001:db8:100::/48, ten of                            customer's prefix
                    2001:db8:1900::/40
customer    64511   203.0.113.0/24                                   10           default and our
                    2001:db8:cafe::/48                                            own prefix

our own: 192.0.2.0/24, 2001:db8:2::/48

The upstream takes at most 20 prefixes from us in each family; then they shut the session and try
again after a minute. A limit is there to shut the session: no warning-only.
EOF
systemctl restart frr.service
