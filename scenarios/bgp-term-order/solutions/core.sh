#!/bin/sh
# The deny goes to the end of both policies towards the starved edge.
set -eu

case $LABRUN_PARAM_STARVED in
e1) name=E1 ;;
e2) name=E2 ;;
esac
for version in 4 6; do
    file=/etc/policy/TO-$name-$version.terms
    reject=$(grep '^reject-the-rest' "$file")
    sed -i '/^reject-the-rest/d' "$file"
    echo "$reject" >>"$file"
done
render-policy
systemctl reload frr.service
