#!/bin/sh
# The workaround goes, as it says itself.
set -eu

rm /etc/systemd/network/10-lan.network.d/40-workaround.conf
networkctl reload
networkctl reconfigure lan
