#!/bin/sh
# The image service runs as its own user, with no rights beside; no key of Ceph on this node is everybody's
# to read, and the administrator's is not the image service's.
set -u

# plain PID: what is wrong with a process of the image service's.
plain() {
    user=$(stat -c %U "/proc/$1" 2>/dev/null) && rights=$(cat "/proc/$1/status" 2>/dev/null) || return 0
    [ "$user" = glance ] || { echo "process $1 of the image service runs as $user"; exit 1; }
    echo "$rights" | grep -q '^CapEff:[[:space:]]*0*$' ||
        { echo "process $1 of the image service has more rights than its user"; exit 1; }
}
unit=$(systemctl show --property=ControlGroup --value glance-api)
if [ -n "$unit" ] && [ -r "/sys/fs/cgroup$unit/cgroup.procs" ]; then
    while read -r pid; do
        plain "$pid"
    done <"/sys/fs/cgroup$unit/cgroup.procs"
fi
# By whatever unit: who answers for it.
for pid in $(ss -Hltnp 'sport = :9292' | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u); do
    plain "$pid"
done
# readable USER PATTERN: files that the user can get at and that hold such a line.
readable() {
    runuser -u "$1" -- find /etc /var/lib/glance /tmp /var/tmp /home /srv /opt /usr/local /mnt -xdev \
        -type f -size -64k -readable -exec grep -lE -- "$2" {} + 2>/dev/null
}
open=$(readable nobody '(^|[^A-Za-z0-9+/])AQ[A-Za-z0-9+/]{36}==')
[ -z "$open" ] || { echo "open to everybody: $open"; exit 1; }
admin=$(readable glance '^[[:space:]]*\[(client\.admin|mon\.)\]')
[ -z "$admin" ] || { echo "the image service may read the administrator's key: $admin"; exit 1; }
echo "the image service runs as glance, and no key is open to others"
