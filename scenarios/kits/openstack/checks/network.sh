#!/bin/sh
# Are networks, the servers' ports and the security groups what they were? Others may have come, but
# no other rules into the groups that there were.
set -u

record=/var/lib/labrun-witness/cloud-network
now=$(/usr/local/lib/labrun/cloud-network 2>&1) || {
    echo "the database was not read: $now" >&2
    exit 75
}
[ -s "$record" ] || { echo "the witness lacks its record" >&2; exit 75; }
groups=$(awk '$1 == "rule" {print $2}' "$record" | sort -u)
changed=$(echo "$now" | diff "$record" - | awk -v groups="$groups" '
    BEGIN { n = split(groups, list, "\n"); for (i = 1; i <= n; i++) was[list[i]] = 1 }
    $1 == "<" || ($1 == ">" && $2 == "rule" && $3 in was)' | cut -c1-100 | head -n 5)
[ -z "$changed" ] || { echo "changed: $changed"; exit 1; }
echo "all $(wc -l <"$record") entries are as they were"
