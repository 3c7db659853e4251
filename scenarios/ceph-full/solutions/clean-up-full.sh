#!/bin/sh
# Deleting is a write as well: for it, and for no longer, the limit is put up a little.
set -eu
ceph --connect-timeout 60 osd set-full-ratio 0.965
tries=600
while ceph --connect-timeout 20 osd pool ls detail | grep -qE 'flags ([^ ]*,)?full[, ]'; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 0.2
done
rados -p scratch ls | grep '^benchmark_data_' | xargs -r -n 20 timeout 300 rados -p scratch rm
ceph osd set-full-ratio 0.95
