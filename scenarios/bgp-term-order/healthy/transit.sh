#!/bin/sh
# A transit provider: takes whatever it is sent, and shows it.
set -eu

case $LABRUN_NODE in
transit-a) as=64496 n=1 letter=a ;;
transit-b) as=64497 n=2 letter=b ;;
esac

cat >/etc/systemd/network/05-lo.network <<EOF
[Match]
Name=lo

[Network]
Address=198.18.$n.1/32
Address=2001:db8:$letter::1/128
EOF
networkctl reload

cat >/etc/frr/frr.conf <<EOF
frr defaults traditional
hostname $LABRUN_NODE
log syslog informational
router bgp $as
 bgp router-id 10.50.255.10$n
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 timers bgp 3 9
 neighbor 10.50.$n.2 remote-as 64500
 neighbor 10.50.$n.2 timers connect 2
 neighbor fd50:$n::2 remote-as 64500
 neighbor fd50:$n::2 timers connect 2
 address-family ipv4 unicast
  network 198.18.$n.0/24
  neighbor 10.50.$n.2 activate
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:$letter::/48
  neighbor fd50:$n::2 activate
 exit-address-family
exit
EOF
chown frr:frr /etc/frr/frr.conf
chmod 640 /etc/frr/frr.conf
systemctl restart frr.service
