#!/bin/sh
# What nova says of a server to that server, on ctl1: for the helpers that metadata.sh sets up.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

uwsgi nova-api-metadata 10.31.0.11:8775 /etc/nova/nova-api-metadata-uwsgi.ini 2 1
patient nova-api-metadata
run nova-api-metadata
