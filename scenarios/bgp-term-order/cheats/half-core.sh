#!/bin/sh
# What the page speaks of is back; what else the core has to say is not.
set -eu

case $LABRUN_PARAM_STARVED in
e1) name=E1 ;;
e2) name=E2 ;;
esac
for version in 4 6; do
    file=/etc/policy/TO-$name-$version.terms
    local=$(grep '^site-local' "$file")
    sed -i "/^site-local/d; s/^reject-the-rest/$local\n&/" "$file"
done
render-policy
systemctl reload frr.service
