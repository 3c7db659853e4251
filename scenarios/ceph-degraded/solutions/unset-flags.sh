#!/bin/sh
# The maintenance is over.
set -eu

ceph --connect-timeout 60 osd unset noout
ceph osd unset norebalance
