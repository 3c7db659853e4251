#!/bin/sh
set -eu
mv /srv/web/cert.pem.new /srv/web/cert.pem
systemctl restart web.service
