#!/bin/sh
# Somebody laid the image service's files down again from a backup, to be safe: with the name that
# its key had last year, or the key with root as its owner.
set -eu

key=/etc/ceph/ceph.client.glance.keyring
begun=$(date -d '-100 minutes' +%s)
printf '#%s\ntail -n 40 /var/log/glance/glance-api.log\n' "$begun" >>/root/.bash_history
case $LABRUN_PARAM_RESTORED in
user)
    sed -i 's/^rbd_store_user = .*/rbd_store_user = images/' /etc/glance/glance-api.conf
    grep -q '^rbd_store_user = images' /etc/glance/glance-api.conf
    printf '#%s\ncat /mnt/backup/img1/glance-api.conf >/etc/glance/glance-api.conf\n' \
        $((begun + 300)) >>/root/.bash_history
    ;;
owner)
    cp "$key" "$key.new"
    chmod 0600 "$key.new"
    mv "$key.new" "$key"
    if runuser -u glance -- cat "$key" >/dev/null 2>&1; then
        echo "glance can still read its key" >&2
        exit 1
    fi
    printf '#%s\ninstall -m 600 /mnt/backup/img1/ceph.client.glance.keyring /etc/ceph/\n' \
        $((begun + 300)) >>/root/.bash_history
    ;;
esac
printf '#%s\nsystemctl restart glance-api\n' $((begun + 320)) >>/root/.bash_history

systemctl restart glance-api
# It starts, does not get to Ceph, and ends, until systemd gives up.
tries=1200
until [ "$(systemctl show --property=SubState --value glance-api)" = failed ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "glance does not fail" >&2; exit 1; }
    sleep 0.5
done
