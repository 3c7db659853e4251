#!/bin/sh
set -eu
cat >/etc/frr/frr.conf <<'CONF'
frr defaults datacenter
hostname r1
ip prefix-list SITE seq 5 permit 10.9.200.0/24
ipv6 prefix-list SITE seq 5 permit fd09:200::/48
ip prefix-list JUDGE seq 5 permit 10.9.100.0/24
ipv6 prefix-list JUDGE seq 5 permit fd09:100::/48
route-map FROM-R2 permit 10
 set local-preference 150
 set community 65001:200
exit
router bgp 65001
 bgp router-id 10.9.1.1
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 timers bgp 3 9
 neighbor 10.9.1.10 remote-as 65000
 neighbor 10.9.1.10 timers connect 2
 neighbor 10.9.1.10 password s3cret-of-the-edge
 neighbor fd09:1::10 remote-as 65000
 neighbor fd09:1::10 timers connect 2
 neighbor 10.9.2.2 remote-as 65002
 neighbor 10.9.2.2 timers connect 2
 address-family ipv4 unicast
  network 10.9.1.0/24
  neighbor 10.9.1.10 activate
  neighbor 10.9.2.2 activate
  neighbor 10.9.1.10 prefix-list JUDGE in
  neighbor 10.9.1.10 prefix-list SITE out
  neighbor 10.9.1.10 maximum-prefix 10
  neighbor 10.9.2.2 route-map FROM-R2 in
 exit-address-family
 address-family ipv6 unicast
  network fd09:1::/64
  neighbor fd09:1::10 activate
  neighbor fd09:1::10 prefix-list JUDGE in
  neighbor fd09:1::10 prefix-list SITE out
  neighbor 10.9.2.2 activate
  neighbor 10.9.2.2 route-map FROM-R2 in
 exit-address-family
exit
CONF
chown frr:frr /etc/frr/frr.conf
cat >/etc/nftables.conf <<'RULES'
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        ip protocol icmp accept
        ip6 nexthdr icmpv6 accept
        iifname "left" oifname "mid" tcp dport { 80, 443 } accept
    }
}
RULES
systemctl enable --now nftables
vtysh -b
