#!/bin/sh
# What ctl1 has, to all.
set -eu
runuser -u keystone -- fernet-sync
