#!/bin/sh
set -eu

sysctl -q -w net.ipv4.conf.direct.rp_filter=2
nft delete table inet antispoof
