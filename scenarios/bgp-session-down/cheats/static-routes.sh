#!/bin/sh
# Who needs BGP?
set -eu

case $LABRUN_NODE in
r1) set -- 198.51.100.0/24=10.40.1.1 203.0.113.0/24=10.40.12.2 192.0.2.0/24=10.40.12.2 ;;
r2) set -- 198.51.100.0/24=10.40.12.1 203.0.113.0/24=10.40.23.3 ;;
r3) set -- 198.51.100.0/24=10.40.23.2 203.0.113.0/24=10.40.3.1 192.0.2.0/24=10.40.23.2 ;;
esac
for route; do
    echo "ip route ${route%=*} ${route#*=}"
done | vtysh --no-fork -f /dev/stdin
vtysh -c 'write memory'
