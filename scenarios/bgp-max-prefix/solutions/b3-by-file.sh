#!/bin/sh
# The customer's edge, both families, in the file; a restart brings the sessions back.
set -eu

sed -i -e '/prefix-list CUSTOMER-IN seq 5 /d' -e 's/ maximum-prefix 10 warning-only$/ maximum-prefix 10/' \
    /etc/frr/frr.conf
systemctl restart frr.service
