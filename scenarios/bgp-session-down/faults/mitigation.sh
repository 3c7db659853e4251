#!/bin/sh
# A flood on port 179 was stopped before connection tracking, and so was BGP, for good.
set -eu

case $LABRUN_NODE in
r1) segment=transit neighbours='10.40.1.1 fd40:1::1' ;;
r3) segment=customer neighbours='10.40.3.1 fd40:3::1' ;;
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

# It is done when both sessions have run into their hold time.
for neighbour in $neighbours; do
    tries=0
    while vtysh -c "show bgp neighbors $neighbour json" |
        jq -e --arg n "$neighbour" '.[$n].bgpState == "Established"' >/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || exit 1
        sleep 1
    done
done
