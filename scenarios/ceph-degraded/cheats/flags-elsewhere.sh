#!/bin/sh
# The flags are gone from where one looks first.
set -eu

ceph --connect-timeout 60 osd unset noout
ceph osd unset norebalance
ceph osd set-group noout ceph2 ceph3
