#!/bin/sh
# The secret that nova has.
set -eu
sed -i "s/^metadata_proxy_shared_secret = .*/metadata_proxy_shared_secret = $LABRUN_PARAM_SECRET/" \
    /etc/neutron/neutron_ovn_metadata_agent.ini
systemctl restart neutron-ovn-metadata-agent
