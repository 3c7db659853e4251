#!/bin/sh
# Would the next rotation reach the other controller? What the service runs after a rotation is run
# here with an rsync that only says what it would do: with the same keys on both sides, nothing.
set -u

fail() {
    echo "$*"
    exit 1
}

systemctl --quiet is-enabled keystone-fernet-rotate.timer || fail "the timer is not enabled"
systemctl --quiet is-active keystone-fernet-rotate.timer || fail "the timer is not active"
systemctl --quiet is-failed keystone-fernet-rotate.service && fail "the last rotation failed"
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
printf '#!/bin/sh\nexec %s/real --dry-run --itemize-changes "$@" >>%s/log\n' "$dir" "$dir" \
    >"$dir/rsync"
chmod 0755 "$dir" "$dir/rsync"
: >"$dir/log" && chown keystone "$dir/log"
said=$(timeout 20 unshare --mount sh -c \
    "mount --bind $dir/rsync /usr/bin/rsync && runuser -u keystone -- /usr/local/sbin/fernet-sync" \
    2>&1) || fail "fernet-sync fails: $said"
case $said in
*10.31.0.12*) ;;
*) fail "fernet-sync does not send the keys to ctl2: ${said:-it says nothing}" ;;
esac
# A line that begins with a point is about modes, not contents.
! grep -qv '^\.' "$dir/log" || fail "ctl2 has other keys"
echo "the same keys on both, and fernet-sync would send new ones"
