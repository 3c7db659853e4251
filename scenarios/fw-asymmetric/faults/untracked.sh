#!/bin/sh
# A benchmark without connection tracking, of one family, in one direction, and never taken back.
# What was not tracked on its way out is unknown when it is answered.
set -eu

cat >/etc/nftables.d/60-benchmark.nft <<EOT
# CHG-$LABRUN_PARAM_CHANGE: what does tracking cost? IPv$LABRUN_PARAM_UNTRACKED first. Take out afterwards!
table inet benchmark {
    chain prerouting {
        type filter hook prerouting priority raw; policy accept;
        iifname "west" meta nfproto ipv$LABRUN_PARAM_UNTRACKED meta l4proto tcp notrack
    }
}
EOT
nft -f /etc/nftables.conf
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOT
CHG-$LABRUN_PARAM_CHANGE  is fw the bottleneck? Measure with and without tracking         (pv)
  [x] without   [x] numbers in the mail: it is not   [ ] taken out
EOT
