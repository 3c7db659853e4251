#!/bin/sh
# Nobody gets this controller's token keys any more, and nothing complains; three rotations later no
# key that is used here is known elsewhere.
set -eu

sed -i 's/^PEERS=.*/# ctl2 out for its new disks until Thursday. rk\nPEERS=""/' /etc/keystone/fernet-sync.conf
grep -q '^PEERS=""' /etc/keystone/fernet-sync.conf
before=$(ls /etc/keystone/fernet-keys)
for _ in 1 2 3; do
    systemctl start keystone-fernet-rotate
done
if [ "$(ls /etc/keystone/fernet-keys)" = "$before" ]; then
    echo "the keys were not rotated" >&2
    exit 1
fi

begun=$(date -d '-23 days' +%s)
cat >>/root/.bash_history <<END
#$begun
cat /root/CHG-$LABRUN_PARAM_CHANGE.txt
#$((begun + 40))
vi /etc/keystone/fernet-sync.conf
#$((begun + 81))
systemctl start keystone-fernet-rotate; systemctl status keystone-fernet-rotate
END
cat >"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<END
CHG-$LABRUN_PARAM_CHANGE  ctl2: new disks                                        (rk)

  [x] take ctl2 out of rotation
  [x] swap, reinstall, keystone and front from ctl1's configuration
  [x] copy the token keys to ctl2 by hand
  [x] ctl2 answers, monitoring green
  [ ] undo what was paused on ctl1
END
