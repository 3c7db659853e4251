#!/bin/sh
# Under the name of what it stands for.
set -eu
echo Protocol=ra >>/etc/systemd/network/10-lan.network.d/70-static.conf
networkctl reload
networkctl reconfigure lan
