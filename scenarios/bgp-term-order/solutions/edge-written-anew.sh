#!/bin/sh
# Both policies from what was agreed, and FRR started anew.
set -eu

for version in 4 6; do
    cat >"/etc/policy/TO-TRANSIT-$version.terms" <<'EOF'
global            permit  GLOBAL      -
site-local        permit  SITE-LOCAL  as-path prepend 64500 64500
reject-the-rest   deny    -           -
EOF
done
systemctl restart frr.service
