#!/bin/sh
# The host has its container's address, and passes on what it gets there over IPv4.
set -eu

case $LABRUN_NODE in
web1) n=1 ;;
web2) n=2 ;;
esac
cat >/etc/systemd/system/relay.socket <<EOF
[Socket]
ListenStream=[2001:db8:7$n::10]:80
FreeBind=yes

[Install]
WantedBy=sockets.target
EOF
cat >/etc/systemd/system/relay.service <<EOF
[Service]
ExecStart=/usr/lib/systemd/systemd-socket-proxyd 10.70.10$n.10:80
EOF
cat >/etc/systemd/network/10-lan.network.d/80-relay.conf <<EOF
[Network]
Address=2001:db8:7$n::10/128
EOF
sed -i 's/^ *iifname "lan" ip saddr/        tcp dport 80 accept\n&/' /etc/nftables.conf
nft -f /etc/nftables.conf
networkctl reload
networkctl reconfigure lan
systemctl daemon-reload
systemctl enable --now relay.socket
