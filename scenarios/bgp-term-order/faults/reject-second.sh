#!/bin/sh
# By the alphabet of what matters: global, the deny, site-local.
set -eu

file=/etc/policy/TO-TRANSIT-$LABRUN_PARAM_OTHER_FAMILY.terms
awk '/^reject-the-rest/ { next } /^site-local/ { print "reject-the-rest   deny    -           -" } { print }' \
    "$file" >/run/terms
cat /run/terms >"$file"
rm /run/terms
render-policy
systemctl reload frr.service
