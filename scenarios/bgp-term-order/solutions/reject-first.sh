#!/bin/sh
# The deny goes to the end of the policy that it closed.
set -eu

file=/etc/policy/TO-TRANSIT-$LABRUN_PARAM_FAMILY.terms
reject=$(grep '^reject-the-rest' "$file")
sed -i '/^reject-the-rest/d' "$file"
echo "$reject" >>"$file"
render-policy
systemctl reload frr.service
