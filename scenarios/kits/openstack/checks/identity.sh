#!/bin/sh
# Are users, projects, roles, the catalog and the images what they were? Asked of the database.
set -u

record=/var/lib/labrun-witness/cloud-tables
now=$(/usr/local/lib/labrun/cloud-tables 2>&1) || {
    echo "the database was not read: $now" >&2
    exit 75
}
[ -s "$record" ] || { echo "the witness lacks its record" >&2; exit 75; }
if [ "$now" != "$(cat "$record")" ]; then
    echo "changed: $(echo "$now" | diff "$record" - | grep '^[<>]' | cut -c1-100 | head -n 5)"
    exit 1
fi
echo "all $(wc -l <"$record") entries are as they were"
