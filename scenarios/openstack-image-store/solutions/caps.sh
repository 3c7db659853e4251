#!/bin/sh
# What the key may, as agreed.
set -eu
ceph --connect-timeout 60 auth caps client.glance mon 'profile rbd' osd 'profile rbd pool=images' \
    mgr 'profile rbd pool=images'
