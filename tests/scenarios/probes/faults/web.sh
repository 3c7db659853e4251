#!/bin/sh
set -eu
echo '{"status": "degraded", "site": "r2", "queue": 9041}' >/srv/web/health.json
