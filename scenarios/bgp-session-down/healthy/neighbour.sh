#!/bin/sh
# A network of somebody else's. Besides the agreed prefix it announces two that must not be taken.
set -eu

case $LABRUN_NODE in
upstream)
    as=64500 id=10.40.255.101 peer_as=65001 key=Transit-7f3a v4=10.40.1 v6=fd40:1:
    own4=198.51.100 own6=2001:db8:100 stray4=198.51.100.128/25 stray6=2001:db8:100:8000::/49
    ;;
nordlys)
    as=64510 id=10.40.255.102 peer_as=65003 key=Nordlys-c91e v4=10.40.3 v6=fd40:3:
    own4=203.0.113 own6=2001:db8:200 stray4=203.0.113.128/25 stray6=2001:db8:200:8000::/49
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

cat >/etc/frr/frr.conf <<EOF
frr defaults traditional
hostname $LABRUN_NODE
log syslog informational
router bgp $as
 bgp router-id $id
 bgp log-neighbor-changes
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 timers bgp 3 9
 neighbor $v4.2 remote-as $peer_as
 neighbor $v4.2 timers connect 2
 neighbor $v4.2 password $key
 neighbor $v4.2 update-source $v4.1
 neighbor $v6:2 remote-as $peer_as
 neighbor $v6:2 timers connect 2
 neighbor $v6:2 password $key
 neighbor $v6:2 update-source $v6:1
 address-family ipv4 unicast
  network $own4.0/24
  network $stray4
  neighbor $v4.2 activate
 exit-address-family
 address-family ipv6 unicast
  network $own6::/48
  network $stray6
  neighbor $v6:2 activate
 exit-address-family
exit
EOF
chown frr:frr /etc/frr/frr.conf
chmod 640 /etc/frr/frr.conf
systemctl restart frr.service
