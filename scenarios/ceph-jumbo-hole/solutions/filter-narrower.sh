#!/bin/sh
# The audit keeps what it can have: redirects are not sent, errors that senders need are.
set -eu
sed -i -e 's/icmp type {.*}/icmp type redirect/' -e '/icmpv6 type/d' /etc/nftables.d/10-audit.nft
systemctl reload nftables.service
