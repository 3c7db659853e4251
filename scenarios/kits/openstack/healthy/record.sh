#!/bin/sh
# Who and what the cloud knows before anything is broken, as the database on this node has it.
set -eu
umask 077

install -d /usr/local/lib/labrun /var/lib/labrun-witness
cat >/usr/local/lib/labrun/cloud-tables <<'END'
#!/bin/sh
# cloud-tables: users, projects, roles, services and images from the database, one a line.
set -eu
mariadb -N keystone <<'SQL'
SELECT 'user', u.id, l.name, u.domain_id, u.enabled, SHA2(GROUP_CONCAT(p.password_hash), 256)
    FROM user u LEFT JOIN local_user l ON l.user_id = u.id
    LEFT JOIN password p ON p.local_user_id = l.id GROUP BY u.id ORDER BY u.id;
SELECT 'project', id, name, domain_id, enabled FROM project ORDER BY id;
SELECT 'role', id, name FROM role ORDER BY id;
SELECT 'assignment', type, actor_id, target_id, role_id, inherited FROM assignment
    ORDER BY type, actor_id, target_id, role_id;
SELECT 'system', type, actor_id, target_id, role_id FROM system_assignment
    ORDER BY type, actor_id, target_id, role_id;
SELECT 'service', id, type, enabled FROM service ORDER BY id;
SELECT 'endpoint', id, interface, service_id, region_id, url, enabled FROM endpoint ORDER BY id;
SQL
mariadb -N glance <<'SQL'
SELECT 'image', id, name, size, status, visibility, owner, deleted, os_hash_value FROM images
    WHERE deleted = 0 ORDER BY id;
SQL
(cd /var/lib/glance/images && find . -type f -exec sha256sum {} + | sort)
END
chmod 0755 /usr/local/lib/labrun/cloud-tables
/usr/local/lib/labrun/cloud-tables >/var/lib/labrun-witness/cloud-tables
grep -q '^image.*guest-initrd.*active' /var/lib/labrun-witness/cloud-tables
