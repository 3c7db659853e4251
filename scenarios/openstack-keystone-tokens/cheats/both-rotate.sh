#!/bin/sh
# What is good on ctl1 is good on ctl2.
set -eu
systemctl enable --now --quiet keystone-fernet-rotate.timer
