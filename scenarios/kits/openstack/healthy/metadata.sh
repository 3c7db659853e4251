#!/bin/sh
# What servers on this hypervisor ask for at 169.254.169.254 goes from here to nova on ctl1.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

if systemd-detect-virt -qc; then
    # "ip netns exec" mounts /sys anew, which a container may not; and its /proc/sys/net is bound to the
    # network that the container began with.
    cat >/usr/local/sbin/ip <<'END'
#!/bin/sh
if [ "${1-} ${2-}" = 'netns exec' ] && [ $# -ge 4 ]; then
    name=$3
    shift 3
    exec nsenter --net="/run/netns/$name" -- unshare --mount --propagation slave -- \
        sh -c 'mount -t proc proc /proc && exec "$@"' netns "$@"
fi
exec /usr/bin/ip "$@"
END
    chmod 0755 /usr/local/sbin/ip
fi
put /etc/neutron/neutron.conf neutron <<'END'
[DEFAULT]
state_path = /var/lib/neutron

[agent]
root_helper = sudo

[oslo_concurrency]
lock_path = /var/lib/neutron/tmp
END
put /etc/neutron/neutron_ovn_metadata_agent.ini neutron <<END
[DEFAULT]
nova_metadata_host = 10.31.0.11
metadata_proxy_shared_secret = $(password METADATA)
metadata_workers = 1

[ovs]
ovsdb_connection = tcp:127.0.0.1:6640

[ovn]
ovn_sb_connection = tcp:10.31.0.11:6642
END
patient neutron-ovn-metadata-agent
run neutron-ovn-metadata-agent
