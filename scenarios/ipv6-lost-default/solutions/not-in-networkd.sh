#!/bin/sh
# Forwarding is the business of sysctl.d, as it was; networkd need not know.
set -eu

sed -i '/^IPv6Forwarding=/d' /etc/systemd/network/10-lan.network.d/50-containers.conf
networkctl reload
networkctl reconfigure lan
sysctl -q -p /etc/sysctl.d/70-containers.conf
