#!/bin/sh
# Full is when we say so.
set -eu
ceph --connect-timeout 60 osd set-full-ratio 0.98
ceph osd set-backfillfull-ratio 0.97
ceph osd set-nearfull-ratio 0.965
