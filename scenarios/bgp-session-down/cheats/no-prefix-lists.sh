#!/bin/sh
# Filters off, in case one of them was it.
set -eu

sed -i '/neighbor .* prefix-list NEIGHBOUR-/d' /etc/frr/frr.conf
systemctl reload frr.service
