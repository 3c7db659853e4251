#!/bin/sh
# Then nothing is full.
set -eu
ceph --connect-timeout 60 osd pool set-quota images max_bytes 0
