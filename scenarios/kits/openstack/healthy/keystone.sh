#!/bin/sh
# Keystone on a controller, on the management network; the front makes it public. ctl1 fills the
# database and draws the keys, ctl2 takes them over.
set -eu
umask 077

from=http://10.31.0.11:8099
address=10.31.0.1${LABRUN_NODE#ctl}
eval "$(curl -fsS --max-time 20 "$from/lib.sh")"

# Looking at one token asks the database hundreds of times. Only a keystone that is alone may remember
# the answers by itself.
cache='enabled = false'
grep -qw ctl2 /etc/hosts || cache='enabled = true
backend = oslo_cache.dict
expiration_time = 60'
put /etc/keystone/keystone.conf keystone <<END
[database]
$(database keystone keystone)

[cache]
$cache

# What hashing is worth against theft it costs here at each request for a token.
[identity]
password_hash_rounds = 4

[token]
provider = fernet
expiration = 3600

[fernet_tokens]
key_repository = /etc/keystone/fernet-keys
max_active_keys = 3

[oslo_middleware]
enable_proxy_headers_parsing = true
END
uwsgi keystone "$address:5000" /etc/keystone/keystone-uwsgi.ini 1 4

if [ "$LABRUN_NODE" = ctl1 ]; then
    runuser -u keystone -- keystone-manage db_sync
    keystone-manage fernet_setup --keystone-user keystone --keystone-group keystone
    keystone-manage credential_setup --keystone-user keystone --keystone-group keystone
    url=https://cloud.example:5000/v3
    runuser -u keystone -- env OS_BOOTSTRAP_PASSWORD="$(password ADMIN)" keystone-manage bootstrap \
        --bootstrap-region-id RegionOne --bootstrap-public-url $url \
        --bootstrap-internal-url $url --bootstrap-admin-url $url
    tar -C /etc/keystone -cf /run/labrun-handover/keys.tar fernet-keys credential-keys
else
    curl -fsS --max-time 20 "$from/keys.tar" | tar -C /etc/keystone -xpf -
fi

cat >/root/admin-openrc <<END
export OS_AUTH_URL=https://cloud.example:5000/v3 OS_REGION_NAME=RegionOne
export OS_USERNAME=admin OS_PASSWORD=$(password ADMIN) OS_PROJECT_NAME=admin
export OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default OS_IDENTITY_API_VERSION=3
END

# Packages order all others after keystone: at boot they leave it the processors until it answers.
install -d -m 0755 /etc/systemd/system/keystone.service.d
cat >/etc/systemd/system/keystone.service.d/ready.conf <<END
[Service]
ExecStartPost=-/usr/bin/curl -s -o /dev/null --retry 20 --retry-connrefused --retry-delay 1 \\
    --max-time $((60 * LABRUN_PATIENCE)) http://$address:5000/v3
END
chmod 0644 /etc/systemd/system/keystone.service.d/ready.conf
systemctl daemon-reload
run keystone
answers "http://$address:5000/v3"
