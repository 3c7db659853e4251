#!/bin/sh
set -eu
unit=greeter-$LABRUN_PARAM_WORD.service
if [ -e "/var/backups/$unit" ]; then
    mv "/var/backups/$unit" "/etc/systemd/system/$unit"
    systemctl daemon-reload
fi
systemctl enable --now "$unit"
