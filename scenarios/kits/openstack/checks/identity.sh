#!/bin/sh
# identity.sh [more-images]: are users, projects, roles, the catalog and the images what they were, and
# the volumes where they are recorded? Asked of the database. With more-images there may be others
# beside the images and volumes that were there.
set -u

record=/var/lib/labrun-witness/cloud-tables
now=$(/usr/local/lib/labrun/cloud-tables 2>&1) || {
    echo "the database was not read: $now" >&2
    exit 75
}
[ -s "$record" ] || { echo "the witness lacks its record" >&2; exit 75; }
others='^$'
[ "${1:-}" != more-images ] || others='^> \(image\|volume\)'
changed=$(echo "$now" | diff "$record" - | grep '^[<>]' | grep -v "$others" | cut -c1-100 | head -n 5)
[ -z "$changed" ] || { echo "changed: $changed"; exit 1; }
echo "all $(wc -l <"$record") entries are as they were"
