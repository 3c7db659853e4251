#!/bin/sh
# Who answers on this controller's management address is its own keystone, started by its unit.
set -u

systemctl --quiet is-enabled keystone || { echo "keystone is not enabled"; exit 1; }
unit=$(systemctl show --property=ControlGroup --value keystone)
[ -n "$unit" ] || { echo "keystone does not run"; exit 1; }
ours=$(cat "/sys/fs/cgroup$unit/cgroup.procs" 2>/dev/null)
listening=$(ss -Hltnp "sport = :5000 and src 10.31.0.0/24" | grep -o 'pid=[0-9]*' | cut -d= -f2)
[ -n "$listening" ] || { echo "nothing listens on the management address"; exit 1; }
for pid in $listening; do
    echo "$ours" | grep -qx "$pid" || { echo "process $pid answers for keystone"; exit 1; }
done
echo "keystone listens"
