#!/bin/sh
# MariaDB on store, small, with a database and a user for each service.
set -eu
umask 077
eval "$(curl -fsS --max-time 20 http://10.31.0.11:8099/lib.sh)"

cat >/etc/mysql/mariadb.conf.d/90-cloud.cnf <<'END'
[mysqld]
bind-address = 10.31.0.21
skip-name-resolve
performance_schema = OFF
max_connections = 200
innodb_buffer_pool_size = 64M
innodb_log_file_size = 32M
key_buffer_size = 1M
aria_pagecache_buffer_size = 8M
table_open_cache = 400
# A lab's disk is a file on a busy host: what a killed process wrote is not lost by that.
innodb_flush_log_at_trx_commit = 2
# The kernel's asynchronous requests are counted for the whole host.
innodb_use_native_aio = 0
# On since MariaDB 11.6, and not what OpenStack's services expect: two that change one row at a time,
# as the first two tokens of a user's day do, and one of them fails with error 1020
# (https://bugs.launchpad.net/nova/+bug/2116186).
innodb_snapshot_isolation = OFF
END
chmod 0644 /etc/mysql/mariadb.conf.d/90-cloud.cnf
run mariadb

databases='keystone:keystone glance:glance'
! grep -qw cmp1 /etc/hosts ||
    databases="$databases placement:placement nova:nova_api nova:nova nova:nova_cell0 neutron:neutron"
! grep -qw vol1 /etc/hosts || databases="$databases cinder:cinder"
for database in $databases; do
    user=${database%:*} name=${database#*:}
    cat <<END
CREATE DATABASE $name CHARACTER SET utf8mb3;
CREATE USER IF NOT EXISTS '$user'@'10.31.0.%'
    IDENTIFIED BY '$(password "DB_$(echo "$user" | tr '[:lower:]' '[:upper:]')")';
GRANT ALL ON $name.* TO '$user'@'10.31.0.%';
END
done | mariadb
