#!/bin/sh
# The container platform's new release writes forwarding down where it thinks it belongs. From then
# on networkd takes the host for a router, and routers do not listen to advertisements.
set -eu

cat >/etc/systemd/network/10-lan.network.d/50-containers.conf <<'EOF'
# Written by container-platform 4.2: routing for containers, independent of sysctl.d
[Network]
IPv4Forwarding=yes
IPv6Forwarding=yes
EOF
networkctl reload
networkctl reconfigure lan
cat >>"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<EOF
CHG-$LABRUN_PARAM_CHANGE  container-platform 4.1 -> 4.2                                  (tj)
  [x] $LABRUN_NODE upgraded, application answers (checked at once, v4 and v6)
  [ ] the other host: next week
EOF
