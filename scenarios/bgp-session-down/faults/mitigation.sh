#!/bin/sh
# A flood on port 179 was stopped before connection tracking, and so was BGP, for good.
set -eu

case $LABRUN_NODE in
r1) segment=transit ;;
r3) segment=customer ;;
esac

cat >/etc/nftables.d/50-mitigation.nft <<EOF
table inet mitigation {
    chain prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname "$segment" tcp dport 179 drop
        iifname "$segment" tcp sport 179 drop
    }
}
EOF
nft -f /etc/nftables.d/50-mitigation.nft
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  $LABRUN_NODE: SYN flood on $segment, conntrack nearly full, 01:25 - 01:40  (ml)
  [x] stopped it early in the path   [x] flood is over   [ ] cleaned up
EOF
