#!/bin/sh
# The upstream's edge, in the file; a restart brings the session back.
set -eu

sed -i 's/ maximum-prefix 10$/ maximum-prefix 50/' /etc/frr/frr.conf
systemctl restart frr.service
