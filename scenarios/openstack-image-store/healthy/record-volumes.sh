#!/bin/sh
# What the cloud knows of volumes is recorded, too.
set -eu
umask 077

cat >>/usr/local/lib/labrun/cloud-tables <<'END'
mariadb -N cinder <<'SQL'
SELECT 'volume', id, display_name, size, status, project_id FROM volumes WHERE deleted = 0 ORDER BY id;
SQL
END
/usr/local/lib/labrun/cloud-tables >/var/lib/labrun-witness/cloud-tables
grep -q '^volume.*ledger.*available' /var/lib/labrun-witness/cloud-tables
