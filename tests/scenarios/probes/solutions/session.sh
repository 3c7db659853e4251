#!/bin/sh
set -eu
sed -i 's/S3cret-of-the-edge/s3cret-of-the-edge/' /etc/frr/frr.conf
vtysh -c 'configure terminal' -c 'router bgp 65001' \
    -c 'neighbor 10.9.1.10 password s3cret-of-the-edge'
