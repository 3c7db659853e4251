#!/bin/sh
# The customer took a feed from somebody else, and passes on all of it.
set -eu

grep -q 198.18.0.0/24 /etc/frr/frr.conf && exit
i=0
while [ "$i" -lt "$LABRUN_PARAM_LEAKED" ]; do
    echo "  network 198.18.$i.0/24" >>/run/leak4
    printf '  network 2001:db8:f0%02x::/48\n' "$i" >>/run/leak6
    i=$((i + 1))
done
sed -i -e '/^  network 203.0.113.0/r /run/leak4' -e '/^  network 2001:db8:cafe::/r /run/leak6' \
    /etc/frr/frr.conf
rm /run/leak4 /run/leak6
systemctl restart frr.service
