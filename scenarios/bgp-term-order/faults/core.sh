#!/bin/sh
# The same on the core, towards the edge that was not touched itself.
set -eu

case $LABRUN_PARAM_STARVED in
e1) name=E1 ;;
e2) name=E2 ;;
esac
for version in 4 6; do
    file=/etc/policy/TO-$name-$version.terms
    awk '/^reject-the-rest/ { next } /^site-local/ { print "reject-the-rest   deny    -           -" } { print }' \
        "$file" >/run/terms
    cat /run/terms >"$file"
    rm /run/terms
done
render-policy
systemctl reload frr.service
