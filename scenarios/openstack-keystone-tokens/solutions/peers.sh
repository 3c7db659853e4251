#!/bin/sh
# ctl2 gets the keys again.
set -eu
sed -i -e '/^# ctl2 out/d' -e 's/^PEERS=.*/PEERS="10.31.0.12"/' /etc/keystone/fernet-sync.conf
