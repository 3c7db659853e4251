#!/bin/sh
# What is not there cannot be full.
set -eu
ceph config set mon mon_allow_pool_delete true
ceph osd pool rm images images --yes-i-really-really-mean-it
