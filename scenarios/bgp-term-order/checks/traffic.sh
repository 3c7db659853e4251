#!/bin/sh
# A user of this transit asks both services, over both families.
set -u

case $(hostname) in
transit-a) v4=198.18.1.1 v6=2001:db8:a::1 ;;
transit-b) v4=198.18.2.1 v6=2001:db8:b::1 ;;
esac

try() {
    if ping -q -n -c 3 -i 0.3 -W 2 -I "$1" "$2" >/dev/null 2>&1; then
        echo "$2 answers $1"
    else
        echo "$2 does not answer $1"
    fi
}

seen=$(
    try "$v4" 192.0.2.1 &
    try "$v4" 198.51.100.1 &
    try "$v6" 2001:db8:2::1 &
    try "$v6" 2001:db8:5::1 &
    wait
)
echo "$seen" | sort
case $seen in
*"does not answer"*) exit 1 ;;
esac
