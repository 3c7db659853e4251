#!/bin/sh
set -eu
echo 'net.ipv4.ip_forward = 0' >/etc/sysctl.d/50-router.conf
sysctl -q -p /etc/sysctl.d/50-router.conf
