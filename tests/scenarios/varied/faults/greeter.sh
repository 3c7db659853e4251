#!/bin/sh
# Two ways of the same thing: the unit is off, or cannot be started at all.
set -eu
unit=greeter-$LABRUN_PARAM_WORD.service
systemctl disable --now "$unit"
case $LABRUN_PARAM_TROUBLE in
masked)
    cp "/etc/systemd/system/$unit" "/var/backups/$unit"
    ln -sf /dev/null "/etc/systemd/system/$unit"
    systemctl daemon-reload
    ;;
disabled) ;;
*) exit 1 ;;
esac
