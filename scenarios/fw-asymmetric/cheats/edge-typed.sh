#!/bin/sh
# All that is wrong with the routes, typed.
set -eu

ip route show dev direct | while read -r to _; do
    case $to in 10.80.[12].*) ip route delete "$to" dev direct ;; esac
done
ip -6 route show dev direct | while read -r to _; do
    case $to in 2001:db8:8[12]:*) ip -6 route delete "$to" dev direct ;; esac
done
