#!/bin/sh
# What every node of the cloud shares: the name of the API, which has an address on each controller,
# trust in the cloud's own authority, and services that may start before their address is there.
set -eu

cat >/usr/local/sbin/cloud-names <<'END'
#!/bin/sh
# The API's name into /etc/hosts, which is written anew when a machine is laid down.
set -eu
! grep -q ' cloud\.example$' /etc/hosts || exit 0
names=
for n in 1 2; do
    ! grep -qw "ctl$n" /etc/hosts || names="${names}10.30.0.1$n cloud.example\n"
done
printf "$names" >>/etc/hosts
END
chmod 0755 /usr/local/sbin/cloud-names
cat >/etc/systemd/system/cloud-names.service <<'END'
[Unit]
Description=The API's name in /etc/hosts
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/cloud-names

[Install]
WantedBy=sysinit.target
END
systemctl daemon-reload
systemctl enable --now --quiet cloud-names

# What update-ca-certificates makes of it, which runs six programs for each of 150 others.
root=/usr/local/share/ca-certificates/example-cloud-root.crt
curl -fsS --max-time 20 -o $root http://10.31.0.11:8099/root.pem
cat $root >>/etc/ssl/certs/ca-certificates.crt
ln -s $root /etc/ssl/certs/example-cloud-root.pem
ln -s example-cloud-root.pem "/etc/ssl/certs/$(openssl x509 -hash -noout -in $root).0"

# Nothing waits for the network at boot here: a service binds its address before it is there.
echo 'net.ipv4.ip_nonlocal_bind = 1' >/etc/sysctl.d/60-cloud.conf
sysctl -q -p /etc/sysctl.d/60-cloud.conf
