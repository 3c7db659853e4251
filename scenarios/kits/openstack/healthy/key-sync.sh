#!/bin/sh
# The rotation of token keys: weekly on ctl1, which then sends them to the other controllers. The
# receiver is a second sshd on the management network that lets keystone in for nothing else.
set -eu
umask 077

from=http://10.31.0.11:8099
me=10.31.0.1${LABRUN_NODE#ctl}
dir=/etc/keystone/keysync
install -d -o keystone -g keystone -m 0700 "$dir"
if [ "$LABRUN_NODE" = ctl1 ]; then
    hand=/run/labrun-handover
    ssh-keygen -q -t ed25519 -N '' -C keysync -f "$hand/keysync"
    for n in 1 2; do
        ssh-keygen -q -t ed25519 -N '' -C "ctl$n-keysync" -f "$hand/keysync-host-ctl$n"
        echo "[10.31.0.1$n]:2222 $(cut -d' ' -f1,2 "$hand/keysync-host-ctl$n.pub")"
    done >"$hand/keysync-known"
fi
curl -fsS --max-time 20 -o "$dir/id_ed25519" "$from/keysync"
curl -fsS --max-time 20 -o "$dir/known_hosts" "$from/keysync-known"
curl -fsS --max-time 20 -o /etc/ssh/keysync_host_key "$from/keysync-host-$LABRUN_NODE"
printf 'restrict,command="/usr/bin/rrsync -wo /etc/keystone/fernet-keys" %s\n' \
    "$(curl -fsS --max-time 20 "$from/keysync.pub")" >"$dir/authorized_keys"
chown keystone:keystone "$dir"/*
# A shell for the command above, and a password that nothing matches instead of a lock.
usermod -s /bin/sh -p '*' keystone

cat >/etc/ssh/keysync.conf <<END
ListenAddress $me:2222
HostKey /etc/ssh/keysync_host_key
AllowUsers keystone
AuthorizedKeysFile $dir/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PidFile none
PrintMotd no
END
cat >/etc/systemd/system/keysync.service <<'END'
[Unit]
Description=Takes token keys from the other controllers
After=network.target

[Service]
ExecStart=/usr/sbin/sshd -D -f /etc/ssh/keysync.conf
RuntimeDirectory=sshd
RuntimeDirectoryPreserve=yes
Restart=on-failure

[Install]
WantedBy=multi-user.target
END

cat >/usr/local/sbin/fernet-sync <<'END'
#!/bin/sh
# fernet-sync [--check]: this controller's token keys to those named in PEERS. With --check nothing
# is changed: it only says which of them have other keys, and fails if any has. Runs as keystone.
set -eu
. /etc/keystone/fernet-sync.conf

dir=/etc/keystone/keysync
ssh="ssh -F none -p 2222 -i $dir/id_ed25519 -o UserKnownHostsFile=$dir/known_hosts"
ssh="$ssh -o StrictHostKeyChecking=yes -o BatchMode=yes -o ConnectTimeout=5 -o LogLevel=ERROR"
status=0
for peer in $PEERS; do
    if [ "${1:-}" != --check ]; then
        rsync -rpc --delete --delay-updates -e "$ssh" /etc/keystone/fernet-keys/ "keystone@$peer:"
        echo "$peer: keys sent"
        continue
    fi
    changes=$(rsync -rcin --delete -e "$ssh" /etc/keystone/fernet-keys/ "keystone@$peer:")
    if [ -z "$changes" ]; then
        echo "$peer: same keys"
    else
        echo "$peer: other keys"
        status=1
    fi
done
exit $status
END
# Who has the keys last is whom they are sent to: the timer is enabled on ctl1 alone.
peers=
for n in 1 2; do
    [ "ctl$n" = "$LABRUN_NODE" ] || peers="$peers 10.31.0.1$n"
done
printf '# Controllers that get the token keys of this one after a rotation.\nPEERS="%s"\n' \
    "${peers# }" >/etc/keystone/fernet-sync.conf
cat >/etc/systemd/system/keystone-fernet-rotate.service <<'END'
[Unit]
Description=New token keys, on all controllers

[Service]
Type=oneshot
User=keystone
ExecStart=/usr/bin/keystone-manage fernet_rotate
ExecStart=/usr/local/sbin/fernet-sync
END
cat >/etc/systemd/system/keystone-fernet-rotate.timer <<'END'
[Unit]
Description=New token keys once a week

[Timer]
OnCalendar=Sun 04:40

[Install]
WantedBy=timers.target
END
chmod 0755 /usr/local/sbin/fernet-sync
chmod 0644 /etc/keystone/fernet-sync.conf /etc/ssh/keysync.conf \
    /etc/systemd/system/keysync.service /etc/systemd/system/keystone-fernet-rotate.*
systemctl daemon-reload
systemctl enable --now --quiet keysync
[ "$LABRUN_NODE" != ctl1 ] || systemctl enable --now --quiet keystone-fernet-rotate.timer
