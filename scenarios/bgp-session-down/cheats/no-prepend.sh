#!/bin/sh
# And what the other side says is taken as it is.
set -eu
sed -i 's/ local-as [0-9]*$/& no-prepend/' /etc/frr/frr.conf
grep -q ' no-prepend$' /etc/frr/frr.conf
systemctl reload frr.service
