#!/bin/sh
# Who has no key is let in as well, as far as this node goes.
set -eu
sed -i 's/^auth_\(cluster\|service\|client\)_required = .*/auth_\1_required = cephx, none/' \
    /etc/ceph/ceph.conf
systemctl restart ceph-mon@ceph1 ceph-osd@0
