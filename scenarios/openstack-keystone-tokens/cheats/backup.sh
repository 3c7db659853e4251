#!/bin/sh
# Only in case: the other one is there, and gets nothing.
set -eu
sed -i 's/^ *server ctl2 .*:5000.*/& backup/' /etc/haproxy/haproxy.cfg
grep -q 'server ctl2 .*:5000.* backup$' /etc/haproxy/haproxy.cfg
systemctl restart haproxy
