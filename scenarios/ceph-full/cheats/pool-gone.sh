#!/bin/sh
# All of it at once, and an empty pool of the same name.
set -eu
ceph --connect-timeout 60 config set mon mon_allow_pool_delete true
tries=100
until ceph osd pool rm scratch scratch --yes-i-really-really-mean-it; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 0.2
done
ceph config rm mon mon_allow_pool_delete
ceph osd pool create scratch 32 32 replicated replicated_rule
ceph osd pool set scratch size 2
ceph osd pool set scratch min_size 1
ceph osd pool application enable scratch bench
ceph osd pool set-quota scratch max_bytes 314572800
