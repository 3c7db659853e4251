#!/bin/sh
# Nobody but the hypervisors gets to nova's metadata service, so that nobody sees what it takes.
set -eu
cat >/etc/nftables.conf <<'END'
#!/usr/sbin/nft -f
flush ruleset

table inet metadata {
    chain input {
        type filter hook input priority filter; policy accept;
        tcp dport 8775 ip saddr != { 10.31.0.31, 10.31.0.32 } reject
    }
}
END
nft -f /etc/nftables.conf
systemctl enable nftables
