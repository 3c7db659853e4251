#!/bin/sh
# Networks, ports of the servers and security groups before anything is broken, as the database on
# store has them.
set -eu
umask 077

install -d /usr/local/lib/labrun /var/lib/labrun-witness
cat >/usr/local/lib/labrun/cloud-network <<'END'
#!/bin/sh
# cloud-network: networks, ports and security groups from the database, one a line.
set -eu
mariadb -N neutron <<'SQL'
SELECT 'network', id, name, project_id, admin_state_up FROM networks ORDER BY id;
SELECT 'subnet', id, network_id, cidr, enable_dhcp FROM subnets ORDER BY id;
SELECT 'port', p.id, p.device_id, p.mac_address, p.admin_state_up, s.port_security_enabled,
    GROUP_CONCAT(g.security_group_id ORDER BY g.security_group_id) FROM ports p
    LEFT JOIN portsecuritybindings s ON s.port_id = p.id
    LEFT JOIN securitygroupportbindings g ON g.port_id = p.id
    WHERE p.device_owner LIKE 'compute:%' GROUP BY p.id ORDER BY p.id;
SELECT 'rule', security_group_id, id, direction, ethertype, protocol, port_range_min,
    port_range_max, remote_ip_prefix, remote_group_id FROM securitygrouprules ORDER BY id;
SQL
END
chmod 0755 /usr/local/lib/labrun/cloud-network
/usr/local/lib/labrun/cloud-network >/var/lib/labrun-witness/cloud-network
grep -q '^port' /var/lib/labrun-witness/cloud-network
