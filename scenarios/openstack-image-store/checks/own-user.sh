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
# By whatever unit: who answers for it.
for pid in $(ss -Hltnp 'sport = :9292' | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u); do
    user=$(stat -c %U "/proc/$pid" 2>/dev/null) || continue
    [ "$user" = glance ] || { echo "process $pid, of $user, answers for the image service"; exit 1; }
done
open=$(find /etc /var/lib/glance /tmp /var/tmp /home /srv /opt /usr/local /mnt -xdev -type f -size -64k -perm /o=rw \
    -exec grep -lE '(^|[^A-Za-z0-9+/])AQ[A-Za-z0-9+/]{36}==' {} + 2>/dev/null)
[ -z "$open" ] || { echo "open to everybody: $open"; exit 1; }
echo "the image service runs as glance, and no key is open to others"
