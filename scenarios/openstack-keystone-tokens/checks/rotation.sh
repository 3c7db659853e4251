#!/bin/sh
# Would the next rotation reach the other controller? What the service runs after a rotation is run
# here with an rsync that only says what it would do: with the same keys on both sides, nothing. And a file
# that is no key is sent the same way, and taken away again.
set -u

fail() {
    echo "$*"
    exit 1
}

systemctl --quiet is-enabled keystone-fernet-rotate.timer || fail "the timer is not enabled"
systemctl --quiet is-active keystone-fernet-rotate.timer || fail "the timer is not active"
runs=$(systemctl show --property=ExecStart,User keystone-fernet-rotate.service)
for part in fernet_rotate fernet-sync User=keystone; do
    case $runs in
    *"$part"*) ;;
    *) fail "the rotation's service no longer has $part" ;;
    esac
done
runuser -u keystone -- test -w /etc/keystone/fernet-keys || fail "keystone cannot write its keys"

dir=$(mktemp -d /run/rotation.XXXXXX) || exit 75
trap 'rm -rf "$dir"' EXIT
cp /usr/bin/rsync "$dir/real" || exit 75
printf '#!/bin/sh\necho "$*" >>%s/asked\nexec %s/real --dry-run --itemize-changes "$@" >>%s/log\n' \
    "$dir" "$dir" "$dir" >"$dir/rsync"
chmod 0755 "$dir" "$dir/rsync"
: >"$dir/log" && : >"$dir/asked" && chown keystone "$dir/log" "$dir/asked"
said=$(timeout $((20 * LABRUN_PATIENCE)) unshare --mount sh -c \
    "mount --bind $dir/rsync /usr/bin/rsync && runuser -u keystone -- /usr/local/sbin/fernet-sync" \
    2>&1) || fail "fernet-sync fails: $said"
grep -q '10\.31\.0\.12:' "$dir/asked" ||
    fail "fernet-sync does not send the keys to ctl2: ${said:-it says nothing}"
# A line that begins with a point is about modes, not contents.
# `.check` may be there: a try before this one was cut off.
! grep -v ' \.check$' "$dir/log" | grep -qE '^([<>ch][fdLDS]|\*deleting)' || fail "ctl2 has other keys"

as_keystone() {
    timeout $((20 * LABRUN_PATIENCE)) runuser -u keystone -- "$@"
}
k=/etc/keystone/keysync
ssh="ssh -F none -p 2222 -i $k/id_ed25519 -o UserKnownHostsFile=$k/known_hosts -o BatchMode=yes"
ssh="$ssh -o ConnectTimeout=$((5 * LABRUN_PATIENCE)) -o LogLevel=ERROR"
mkdir -m 0755 "$dir/none" && install -o keystone -m 0600 /dev/null "$dir/.check" || exit 75
{ as_keystone rsync -e "$ssh" "$dir/.check" keystone@10.31.0.12: &&
    as_keystone rsync -r --delete --include=/.check '--exclude=*' -e "$ssh" "$dir/none/" \
        keystone@10.31.0.12:; } >/dev/null 2>&1 || fail "keystone on ctl2 cannot write its keys"
echo "the same keys on both, and fernet-sync would send new ones"
