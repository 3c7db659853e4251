#!/bin/sh
# The route-maps that FRR runs are those of the terms, in their order, and FRR's start renders them.
set -u

wanted=$(for file in /etc/policy/*.terms; do
    name=${file##*/}
    grep -v '^#' "$file" | while read -r term action match set; do
        [ -n "$term" ] || continue
        [ "$match" = - ] && match= || match=" match community $match"
        [ "$set" = - ] && set= || set=" set $set"
        echo "${name%.terms} $action$match$set"
    done
done | LC_ALL=C sort -s -k 1,1)
running=$(VTYSH_HISTFILE=/dev/null timeout 50 vtysh -c 'show running-config') || {
    echo "FRR was not asked" >&2
    exit 75
}
# By their numbers: vtysh puts together what several daemons have, and does not keep to them.
has=$(echo "$running" | awk '
    function done() { if (line != "") print line; line = "" }
    $1 == "route-map" && $2 ~ /^TO-/ { done(); line = $2 " " $4 " " $3; next }
    /^[^ ]/ { done() }
    line != "" && ($1 == "match" || $1 == "set") { sub(/^ +/, ""); line = line " " $0 }
    END { done() }' | LC_ALL=C sort -k 1,1 -k 2,2n | awk '{ $2 = ""; sub(/  /, " "); print }')
if [ "$wanted" != "$has" ]; then
    printf 'the terms say:\n%s\nFRR has:\n%s\n' "$wanted" "$has"
    exit 1
fi
systemctl show -P ExecStartPre frr.service | grep -q 'path=/usr/local/sbin/render-policy ' || {
    echo "FRR's start renders nothing"
    exit 1
}
echo "$has"
