#!/bin/sh
# Strict reverse path filtering on the direct line. Without the mark, the way back to the other
# backup network is by the firewall: all that arrives here fails the test.
set -eu

cat >/etc/sysctl.d/80-direct-line.conf <<EOT
# CHG-$LABRUN_PARAM_CHANGE: anti-spoofing on the leased line (IPv6: /etc/nftables.d/50-antispoof.nft)
net.ipv4.conf.direct.rp_filter = 1
EOT
sysctl -q -p /etc/sysctl.d/80-direct-line.conf
cat >/etc/nftables.d/50-antispoof.nft <<EOT
# CHG-$LABRUN_PARAM_CHANGE: IPv6 has no rp_filter, this is the same
table inet antispoof {
    chain prerouting {
        type filter hook prerouting priority mangle + 10; policy accept;
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        iifname "direct" meta nfproto ipv6 fib saddr . iif oif missing drop
    }
}
EOT
nft -f /etc/nftables.conf
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOT
CHG-$LABRUN_PARAM_CHANGE  audit: anti-spoofing on the leased line                         (pv)
  [x] $LABRUN_NODE, strict, both families
  [ ] the other end: next week
EOT
