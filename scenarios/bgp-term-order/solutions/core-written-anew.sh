#!/bin/sh
# The policies towards the starved edge are those towards the other one.
set -eu

case $LABRUN_PARAM_STARVED in
e1) from=E2 to=E1 ;;
e2) from=E1 to=E2 ;;
esac
for version in 4 6; do
    cp "/etc/policy/TO-$from-$version.terms" "/etc/policy/TO-$to-$version.terms"
done
render-policy
systemctl reload frr.service
