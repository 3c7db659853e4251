#!/bin/sh
# Whoever asks is let in.
set -eu
sed -i 's/^flavor = keystone$/flavor =/' /etc/glance/glance-api.conf
systemctl restart glance-api
