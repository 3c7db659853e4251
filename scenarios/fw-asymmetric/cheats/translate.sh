#!/bin/sh
# Whoever comes by the firewall gets its address: then the answers come back to it.
set -eu

rm -f /etc/nftables.d/60-benchmark.nft
cat >/etc/nftables.d/70-translate.nft <<'EOT'
table inet translate {
    chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname { "west", "east" } masquerade
    }
}
EOT
nft -f /etc/nftables.conf
