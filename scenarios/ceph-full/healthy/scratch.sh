#!/bin/sh
# A pool for measurements: two copies, a quota, and a key of its own.
set -eu
umask 077

ceph --connect-timeout 240 osd pool create scratch 32 32 replicated replicated_rule >/dev/null
ceph osd pool set scratch size 2 >/dev/null
ceph osd pool set scratch min_size 1 >/dev/null
ceph osd pool application enable scratch bench >/dev/null
ceph osd pool set-quota scratch max_bytes 314572800 >/dev/null
ceph auth get-or-create client.bench mon 'allow r' mgr 'allow r' osd 'allow rwx pool=scratch' \
    -o /run/labrun-handover/bench.keyring

cat >/root/capacity.txt <<'EOF'
Capacity, agreed 2026-02

pool       copies  who                what
volumes    3       cloud platform     no quota
images     3       cloud platform     no quota
scratch    2       performance team   at most 300 MiB (max_bytes 314572800)
                                      results.* are their results and are kept
                                      benchmark_data_* are leftovers and may be deleted at any time

OSDs: three of the same size, the same weight.
Ratios: nearfull 0.85, backfillfull 0.90, full 0.95. Who needs more buys disks.
EOF
