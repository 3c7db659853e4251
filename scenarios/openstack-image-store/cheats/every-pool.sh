#!/bin/sh
# The profile alone, without saying for which pool.
set -eu
ceph --connect-timeout 60 auth caps client.glance mon 'profile rbd' osd 'profile rbd'
