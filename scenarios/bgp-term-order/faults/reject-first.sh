#!/bin/sh
# "Tidied": the deny is where it is easiest to see, at the top.
set -eu

file=/etc/policy/TO-TRANSIT-$LABRUN_PARAM_FAMILY.terms
awk '/^#/ { print; next } /^reject-the-rest/ { reject = $0; next } { rest = rest $0 "\n" }
    END { print reject; printf "%s", rest }' "$file" >/run/terms
cat /run/terms >"$file"
rm /run/terms
render-policy
systemctl reload frr.service
cat >"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  one format for all policies, ready for the new template        (sv)
  [x] reviewed (diff is 90 % white space)   [x] $LABRUN_NODE, core   [ ] the other edge
  01:52 sessions all green, going on with the next site
EOF
