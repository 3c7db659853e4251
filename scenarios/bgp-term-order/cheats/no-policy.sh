#!/bin/sh
# No policy, nothing rejected.
set -eu

sed -i '/route-map TO-TRANSIT-. out$/d' /etc/policy/base.conf
render-policy
systemctl reload frr.service
