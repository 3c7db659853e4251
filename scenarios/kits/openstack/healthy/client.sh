#!/bin/sh
# Who looks on: a user of its own with the client's configuration, for people and for checks.
set -eu
umask 077

password=$(curl -fsS --max-time 20 http://10.31.0.11:8099/secrets | sed -n 's/^WITNESS=//p')
install -d /etc/openstack
cat >/etc/openstack/clouds.yaml <<END
clouds:
  cloud:
    auth:
      auth_url: https://cloud.example:5000/v3
      username: monitor
      password: $password
      project_name: platform
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    cacert: /etc/ssl/certs/ca-certificates.crt
END
# The checks trust the cloud's root and nothing else.
cp /usr/local/share/ca-certificates/example-cloud-root.crt /etc/openstack/root.pem
