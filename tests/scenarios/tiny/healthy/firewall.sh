#!/bin/sh
set -eu
cat >/etc/nftables.conf <<'RULES'
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iif lo accept
        tcp dport 22 accept
        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        icmp type echo-request accept
        icmpv6 type echo-request accept
    }
}
RULES
systemctl enable --now nftables
