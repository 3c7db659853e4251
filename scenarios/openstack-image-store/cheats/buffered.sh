#!/bin/sh
# What arrives in pieces is passed on whole.
set -eu
sed -i 's/^global$/&\n    tune.bufsize 262144/; s/^defaults$/&\n    option http-buffer-request/' /etc/haproxy/haproxy.cfg
grep -q http-buffer-request /etc/haproxy/haproxy.cfg
systemctl restart haproxy
