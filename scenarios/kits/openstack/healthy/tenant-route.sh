#!/bin/sh
# The way from the public network to the tenant's.
set -eu

dir=/etc/systemd/network/10-public.network.d
install -d -m 0755 "$dir"
printf '[Route]\nDestination=10.40.0.0/24\nGateway=10.32.0.2\n' >"$dir/10-tenant.conf"
chmod 0644 "$dir/10-tenant.conf"
networkctl reload
networkctl reconfigure public
