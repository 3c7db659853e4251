#!/bin/sh
set -eu
sed -i 's/s3cret-of-the-edge/S3cret-of-the-edge/' /etc/frr/frr.conf
vtysh -c 'configure terminal' -c 'router bgp 65001' \
    -c 'neighbor 10.9.1.10 password S3cret-of-the-edge'
