#!/bin/sh
# The monitor that was kept from starting.
set -eu
systemctl enable --now "ceph-mon@$LABRUN_NODE"
