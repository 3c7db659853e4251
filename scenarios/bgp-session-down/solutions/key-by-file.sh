#!/bin/sh
# The agreed key in the file, and FRR told to take what differs.
set -eu

case $LABRUN_NODE in
r1) neighbour=10.40.1.1 key=Transit-7f3a ;;
r3) neighbour=10.40.3.1 key=Nordlys-c91e ;;
esac

sed -i "s/^\( *neighbor $neighbour password\) .*/\1 $key/" /etc/frr/frr.conf
systemctl reload frr.service
