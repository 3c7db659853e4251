#!/bin/sh
# Nothing serves the secrets any more.
set -eu

systemctl stop labrun-handover
rm -rf /run/labrun-handover
