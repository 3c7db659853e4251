#!/bin/sh
# What was agreed.
set -eu
ceph --connect-timeout 60 osd set-nearfull-ratio 0.85
ceph osd set-backfillfull-ratio 0.90
