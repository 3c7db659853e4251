#!/bin/sh
# The cluster network is two, a rack each, with a router between them.
set -eu

sed -i 's|^cluster_network = .*|cluster_network = 10.21.0.0/24,10.21.1.0/24|' /etc/ceph/ceph.conf

case $LABRUN_NODE in
ceph3) port=rackb far4=10.21.0.0/24 far6=fd21::/64 leaf4=10.21.1.1 leaf6=fd21:1::1 ;;
*) port=racka far4=10.21.1.0/24 far6=fd21:1::/64 leaf4=10.21.0.1 leaf6=fd21::1 ;;
esac
dir=/etc/systemd/network/10-$port.network.d
mkdir -p "$dir"
cat >"$dir/10-rack.conf" <<EOF
[Link]
MTUBytes=9000

[Route]
Destination=$far4
Gateway=$leaf4

[Route]
Destination=$far6
Gateway=$leaf6
EOF
[ "$LABRUN_NODE" != client ] || cat >"$dir/20-uplink.conf" <<EOF
[Address]
Address=10.21.0.51/24

[Route]
Destination=10.22.0.0/24
Gateway=$leaf4

[Route]
Destination=fd22::/64
Gateway=$leaf6
EOF
networkctl reload
networkctl reconfigure "$port"
tries=300
until [ "$(ip -4 route show "$far4")" ] && [ "$(ip -6 route show "$far6")" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "no routes to the other rack" >&2; exit 1; }
    sleep 0.1
done
