#!/bin/sh
# The limit as agreed.
set -eu
ceph --connect-timeout 60 osd pool set-quota images max_bytes 536870912
