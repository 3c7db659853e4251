#!/bin/sh
# What one finds first on the web: the kernel shall listen. networkd switches that off at each boot.
set -eu

echo 'net.ipv6.conf.lan.accept_ra = 2' >/etc/sysctl.d/90-accept-ra.conf
sysctl -q -w net.ipv6.conf.lan.accept_ra=2
