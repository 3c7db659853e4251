#!/bin/sh
# Jumbo frames for the tenants, as far as neutron is concerned: for networks to come, for the one that
# there is, and for its servers, which were started again.
set -eu

sed -i "s/^core_plugin.*/&\nglobal_physnet_mtu = $LABRUN_PARAM_JUMBO/" /etc/neutron/neutron.conf
grep -qx "global_physnet_mtu = $LABRUN_PARAM_JUMBO" /etc/neutron/neutron.conf
systemctl restart neutron-api neutron-rpc-server
# shellcheck source=/dev/null
. /root/admin-openrc
tries=60
until openstack network set --mtu $((LABRUN_PARAM_JUMBO - 58)) tenant 2>/run/jumbo.err; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { cat /run/jumbo.err >&2; exit 1; }
    sleep 0.5
done
rm /run/jumbo.err
for server in $(openstack server list --all-projects -f value -c ID); do
    openstack server reboot --hard --wait "$server"
done
cat >"/root/CHG-$LABRUN_PARAM_CHANGE.txt" <<END
CHG-$LABRUN_PARAM_CHANGE  jumbo frames for tenants; metadata secret rotated, it was in a ticket     (mk)

  [x] new leaf switches ordered and paid
  [x] neutron: largest packet $LABRUN_PARAM_JUMBO
  [x] network of the pilot customer set to what is left of it in a tunnel, servers started again
  [x] ping between web-1 and web-2: 0 % loss
  [x] new metadata secret: ctl1, computes
  [ ] leaf switches arrive (week 51)
END
