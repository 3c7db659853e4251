#!/bin/sh
# The limit of the pool set anew, with two digits lost on the way: less than what is in it.
set -eu

ceph --connect-timeout 120 osd pool set-quota images max_bytes 5368709
begun=$(date -d '-15 hours' +%s)
cat >>/root/.bash_history <<EOF
#$begun
grep max_bytes /root/pools.txt
#$((begun + 31))
ceph osd pool set-quota images max_bytes 5368709
EOF

tries=600
until ceph --connect-timeout 60 osd dump -f json |
    jq -e '.pools[] | select(.pool_name == "images") | .flags_names | test("full_quota")' >/dev/null
do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "the pool does not become full" >&2; exit 1; }
    sleep 0.5
done
