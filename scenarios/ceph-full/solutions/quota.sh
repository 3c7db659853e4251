#!/bin/sh
# What was agreed.
set -eu
ceph --connect-timeout 60 osd pool set-quota scratch max_bytes 314572800
