#!/bin/sh
# A term that takes everything, ahead of the one that takes nothing.
set -eu

for version in 4 6; do
    sed -i '1i accept-all        permit  -           -' "/etc/policy/TO-TRANSIT-$version.terms"
done
render-policy
systemctl reload frr.service
