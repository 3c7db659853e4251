#!/bin/sh
# From the customer's network to our service and into the upstream's, as one of its users.
set -u

try() {
    if ping -q -n -c 3 -i 0.3 -W 2 -I "$1" "$2" >/dev/null 2>&1; then
        echo "$2 answers $1"
    else
        echo "$2 does not answer $1"
    fi
}

seen=$(
    try 203.0.113.1 192.0.2.1 &
    try 203.0.113.1 198.51.100.1 &
    try 2001:db8:cafe::1 2001:db8:2::1 &
    try 2001:db8:cafe::1 2001:db8:100::1 &
    wait
)
echo "$seen" | sort
case $seen in
*"does not answer"*) exit 1 ;;
esac
