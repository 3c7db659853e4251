#!/bin/sh
# Two controllers that rotate send their keys to each other, and may end with each other's.
set -u

timer=keystone-fernet-rotate.timer
if systemctl --quiet is-enabled $timer || systemctl --quiet is-active $timer; then
    echo "$timer is on here, too"
    exit 1
fi
echo "$timer is off here"
