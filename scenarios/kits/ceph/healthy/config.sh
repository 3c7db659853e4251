#!/bin/sh
# ceph.conf and the unit settings that every node shares. Light enough for 1 GiB of memory; patient
# where the processor is emulated.
set -eu

case ${LABRUN_DRIVER:-lxc} in
# The kernel reads its clock at boot to the half second, and nobody corrects it in a lab.
qemu) lease=10 grace=60 interval=6 tick=5 drift=2 ;;
*) lease=5 grace=20 interval=3 tick=1 drift=1 ;;
esac

cat >/etc/ceph/ceph.conf <<EOF
[global]
fsid = 7c1f6c52-3b0e-4f0f-9a53-2f6f0c8a9d41
mon_initial_members = ceph1,ceph2,ceph3
mon_host = [v2:10.20.0.11:3300,v1:10.20.0.11:6789],[v2:10.20.0.12:3300,v1:10.20.0.12:6789],[v2:10.20.0.13:3300,v1:10.20.0.13:6789]
public_network = 10.20.0.0/24
cluster_network = 10.21.0.0/24
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
osd_pool_default_size = 3
osd_pool_default_min_size = 2
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
log_to_stderr = false
ms_async_op_threads = 1
osd_heartbeat_interval = $interval
osd_heartbeat_grace = $grace
# A lab may be frozen for hours or start from a stage that is weeks old: no news is not bad news.
mon_osd_report_timeout = 86400
mon_warn_pg_not_scrubbed_ratio = 0
mon_warn_pg_not_deep_scrubbed_ratio = 0
# Nor is a slow minute of a busy host, which would be told of for a quarter of an hour.
mon_warn_on_slow_ping_ratio = 0

[mon]
mon_lease = $lease
mon_clock_drift_allowed = $drift
mon_osd_min_down_reporters = 1
mon_data_avail_warn = 5
mon_data_avail_crit = 2

# With no quorum to get its settings from, a daemon waits; by default it gives up after five minutes, and
# systemd after a quarter of an hour, and who mends the monitors then finds all the rest dead.
[mgr]
client_mount_timeout = 86400
mgr_tick_period = $tick
mgr_stats_period = $interval
mgr_disabled_modules = restful,nfs,iostat

[osd]
client_mount_timeout = 86400
bluestore_block_path = /lab/disk0
bluestore_block_size = 8589934592
bluestore_cache_autotune = false
bluestore_cache_size = 33554432
osd_memory_target = 939524096
osd_op_num_shards = 1
osd_op_num_threads_per_shard = 2
osd_class_update_on_start = false
osd_mclock_skip_benchmark = true
bdev_enable_discard = false
bdev_ioring = false
# One slow write of a busy host would be a warning for a day, which nobody can mend.
bluestore_slow_ops_warn_threshold = 1000000
bdev_stalled_read_warn_threshold = 1000000
# Operations that hang keep their place when their client has given up: reads must not run out of places.
osd_client_message_cap = 0
EOF

# Three failed starts are the limit (the unit's own); reach it within seconds.
install -d /etc/systemd/system/ceph-osd@.service.d
cat >/etc/systemd/system/ceph-osd@.service.d/restart.conf <<'EOF'
[Service]
RestartSec=2
EOF
systemctl daemon-reload
