#!/bin/sh
set -eu
cat >/etc/systemd/network/05-lo.network <<'EOF'
[Match]
Name=lo

[Network]
Address=10.9.200.1/32
Address=fd09:200::1/128
EOF
networkctl reload
cat >/etc/frr/frr.conf <<'CONF'
frr defaults datacenter
hostname r2
router bgp 65002
 bgp router-id 10.9.2.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 no bgp default ipv4-unicast
 timers bgp 3 9
 neighbor 10.9.2.1 remote-as 65001
 neighbor 10.9.2.1 timers connect 2
 address-family ipv4 unicast
  neighbor 10.9.2.1 activate
  network 10.9.200.0/24
 exit-address-family
 address-family ipv6 unicast
  neighbor 10.9.2.1 activate
  network fd09:200::/48
 exit-address-family
exit
CONF
chown frr:frr /etc/frr/frr.conf
vtysh -b
