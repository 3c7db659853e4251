#!/bin/sh
# Nobody but the owner and its group may read token keys, or write them.
set -u

open=$(find /etc/keystone/fernet-keys -type f -perm /o=rw -printf '%p has mode %m\n' 2>&1) || exit 75
[ -z "$open" ] || { echo "$open"; exit 1; }
echo "no key is open to others"
