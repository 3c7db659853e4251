#!/bin/sh
# Nobody but the owner and its group may read token keys, or write them.
set -u

dir=/etc/keystone/fernet-keys
[ -d "$dir" ] || { echo "there is no $dir"; exit 1; }
open=$(find "$dir/" \( -type f -perm /o=rw -o -type d -perm /o=w \) -printf '%p has mode %m\n' 2>&1) || exit 75
[ -z "$open" ] || { echo "$open"; exit 1; }
# A copy for the way over, left where everybody passes.
copies=$(grep -h . "$dir"/* |
    runuser -u nobody -- grep -rlF -f - /tmp /var/tmp /home /srv /etc/keystone 2>/dev/null)
[ -z "$copies" ] || { echo "a key for everybody to read: $copies"; exit 1; }
echo "no key is open to others"
