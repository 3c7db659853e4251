#!/bin/sh
# The image service runs as its own user, and no key of Ceph on this node is everybody's to read.
set -u

unit=$(systemctl show --property=ControlGroup --value glance-api)
if [ -n "$unit" ] && [ -r "/sys/fs/cgroup$unit/cgroup.procs" ]; then
    while read -r pid; do
        user=$(stat -c %U "/proc/$pid" 2>/dev/null) || continue
        [ "$user" != root ] || { echo "process $pid of glance-api runs as root"; exit 1; }
    done <"/sys/fs/cgroup$unit/cgroup.procs"
fi
open=$(find /etc /var/lib/glance /tmp /var/tmp /home /srv -xdev -type f -size -64k -perm /o=rw \
    -exec grep -lE '(^|[^A-Za-z0-9+/])AQ[A-Za-z0-9+/]{36}==' {} + 2>/dev/null)
[ -z "$open" ] || { echo "open to everybody: $open"; exit 1; }
echo "glance-api does not run as root, and no key is open to others"
