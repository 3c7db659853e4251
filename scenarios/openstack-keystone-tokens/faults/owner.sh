#!/bin/sh
# Somebody laid the keys down again, as root, in a directory that keystone may only look into: keystone
# starts, and finds out when it is first asked for a token.
set -eu

cd /etc/keystone
mv fernet-keys fernet-keys.old
install -d -m 0750 -g keystone fernet-keys
cp fernet-keys.old/* fernet-keys/
rm -rf fernet-keys.old
if runuser -u keystone -- cat fernet-keys/0 >/dev/null 2>&1; then
    echo "keystone can still read its keys" >&2
    exit 1
fi

begun=$(date -d '-94 minutes' +%s)
cat >>/root/.bash_history <<END
#$begun
ls -l /etc/keystone/fernet-keys; sha256sum /etc/keystone/fernet-keys/*
#$((begun + 66))
cd /etc/keystone; mv fernet-keys fernet-keys.old; install -d -m 750 -g keystone fernet-keys
#$((begun + 75))
cp fernet-keys.old/* fernet-keys/; ls -ld fernet-keys
#$((begun + 80))
systemctl restart keystone; systemctl status keystone
#$((begun + 92))
rm -rf fernet-keys.old
END
systemctl restart keystone

me=10.31.0.1${LABRUN_NODE#ctl}
tries=300
until curl -fs --max-time 10 -o /dev/null "http://$me:5000/v3"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "keystone does not start again" >&2; exit 1; }
    sleep 0.3
done
