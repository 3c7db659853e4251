#!/bin/sh
# Tunnels between hypervisors get a network of their own. The address is the bridge's: so the switch
# finds its way out in the userspace datapath, too. cmp1 is the tenants' way to the outside.
set -eu

address=10.33.0.3${LABRUN_NODE#cmp}
cat >/etc/systemd/network/20-br-under.network <<END
[Match]
Name=br-under

[Network]
Address=$address/24
LinkLocalAddressing=no
ConfigureWithoutCarrier=yes
END
chmod 0644 /etc/systemd/network/20-br-under.network
networkctl reload
datapath=$(ovs-vsctl get Open_vSwitch . external-ids:ovn-bridge-datapath-type)
ovs-vsctl --may-exist add-br br-under -- set bridge br-under datapath_type="$datapath" \
    -- --may-exist add-port br-under underlay \
    -- set Open_vSwitch . external-ids:ovn-encap-ip="$address"
[ "$LABRUN_NODE" != cmp1 ] ||
    ovs-vsctl set Open_vSwitch . external-ids:ovn-cms-options=enable-chassis-as-gw
tries=100
until ip -4 -o addr show dev br-under | grep -q " $address/"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { networkctl status br-under >&2; exit 1; }
    sleep 0.2
done
