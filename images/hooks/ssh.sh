#!/bin/sh
# sshd: keys come with the seed, it starts as early as it can and never through a socket.
set -eu

systemctl disable ssh.service ssh.socket
systemctl mask ssh.socket sshd-keygen.service
rm -f /etc/ssh/ssh_host_*

# Everybody comes from one address here, graders and candidate: no penalties by address.
cat >/etc/ssh/sshd_config.d/labrun.conf <<'EOF'
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/labrun_grader_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
MaxSessions 64
MaxStartups 64:30:128
PerSourcePenalties no
X11Forwarding no
PrintMotd no
PrintLastLog no
EOF

# The distribution's unit waits for the network. This one needs only its files: it listens on the
# wildcard address, so that interfaces may come later.
cat >/etc/systemd/system/ssh.service <<'EOF'
[Unit]
Description=OpenBSD Secure Shell server
Documentation=man:sshd(8) man:sshd_config(5)
DefaultDependencies=no
Wants=network-pre.target
After=local-fs.target systemd-tmpfiles-setup-dev.service systemd-journald.socket
Conflicts=shutdown.target
Before=shutdown.target
ConditionPathExists=!/etc/ssh/sshd_not_to_be_run

[Service]
Type=notify
EnvironmentFile=-/etc/default/ssh
ExecStart=/usr/sbin/sshd -D $SSHD_OPTS
ExecReload=/usr/sbin/sshd -t
ExecReload=/bin/kill -HUP $MAINPID
KillMode=process
Restart=on-failure
RestartPreventExitStatus=255
RuntimeDirectory=sshd
RuntimeDirectoryMode=0755

[Install]
WantedBy=multi-user.target
Alias=sshd.service
EOF
systemctl enable ssh.service

# Nothing but the prompt after a login.
sed -i -E 's/^(session[[:space:]]+optional[[:space:]]+pam_(motd|mail)\.so)/# \1/' /etc/pam.d/sshd
rm -f /etc/motd /etc/update-motd.d/*
install -d -m 0700 /root/.ssh
