#!/bin/sh
# "The limit is too low": the customer may send all of it.
set -eu

sed -i -e 's/ maximum-prefix 10\( warning-only\)\{0,1\}$/ maximum-prefix 1000/' /etc/frr/frr.conf
systemctl restart frr.service
