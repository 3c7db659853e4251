#!/bin/sh
# This monitor anew, from the map and key of the one that has a quorum; the store it had is kept.
set -eu
umask 077

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
ceph --connect-timeout 60 auth get mon. -o "$dir/keyring"
ceph --connect-timeout 60 mon getmap -o "$dir/monmap"
chown -R ceph:ceph "$dir"
store=/var/lib/ceph/mon/ceph-$LABRUN_NODE
systemctl stop "ceph-mon@$LABRUN_NODE"
mv "$store" "$store.before"
install -d -o ceph -g ceph "$store"
ceph-mon --mkfs -i "$LABRUN_NODE" --monmap "$dir/monmap" --keyring "$dir/keyring" \
    --setuser ceph --setgroup ceph
systemctl reset-failed "ceph-mon@$LABRUN_NODE" || true
systemctl enable --now "ceph-mon@$LABRUN_NODE"
tries=600
until ceph --connect-timeout 60 quorum_status | jq -e --arg me "$LABRUN_NODE" \
    '.quorum_names | index($me)' >/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "$LABRUN_NODE does not join" >&2; exit 1; }
    sleep 0.2
done
