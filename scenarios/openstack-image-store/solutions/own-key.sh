#!/bin/sh
# A new key in place of the old one, in the form that was usual before there were profiles, for img1
# to fetch.
set -eu
umask 077
ceph --connect-timeout 60 auth get-or-create client.images \
    mon 'allow r, allow command "osd blocklist"' \
    osd 'allow class-read object_prefix rbd_children, allow rwx pool=images' -o /run/images.keyring
ceph auth rm client.glance
install -d /run/images-key
mv /run/images.keyring /run/images-key/
systemd-run --quiet --unit=images-key --property=RuntimeMaxSec=10min \
    python3 -m http.server --bind 10.20.0.11 --directory /run/images-key 8090
