#!/bin/sh
# Prefixes are back, and traffic takes the way that it should take last.
set -eu

for version in 4 6; do
    cat >"/etc/policy/TO-TRANSIT-$version.terms" <<'EOF'
global            permit  GLOBAL      -
site-local        permit  SITE-LOCAL  -
reject-the-rest   deny    -           -
EOF
done
render-policy
systemctl reload frr.service
