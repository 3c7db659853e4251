#!/bin/sh
set -eu
echo '{"status": "ok", "site": "r2", "queue": 0}' >/srv/web/health.json
