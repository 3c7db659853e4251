#!/bin/sh
# Half the copies, half the room.
set -eu
ceph --connect-timeout 60 config set mon mon_allow_pool_size_one true
ceph osd pool set scratch size 1 --yes-i-really-mean-it
