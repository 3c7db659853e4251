#!/bin/sh
# "Network devices send no ICMP errors": an audit's finding, taken literally.
set -eu

cat >/etc/nftables.d/10-audit.nft <<EOF
# CHG-$LABRUN_PARAM_CHANGE, audit: network devices do not disclose themselves by ICMP errors
table inet audit {
    chain output {
        type filter hook output priority filter; policy accept;
        icmp type { destination-unreachable, redirect, parameter-problem } drop
        icmpv6 type { destination-unreachable, packet-too-big, parameter-problem } drop
    }
}
EOF
systemctl reload nftables.service
