#!/bin/sh
# The filters are right, so who needs a limit.
set -eu

sed -i -e '/prefix-list CUSTOMER-IN seq 5 /d' -e '/ maximum-prefix /d' /etc/frr/frr.conf
systemctl restart frr.service
