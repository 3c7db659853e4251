#!/bin/sh
# HAProxy on a controller: TLS for identity and images on the API address, over both keystones. The
# issuing authority is kept on both controllers, so that either can be rebuilt.
set -eu
umask 077

from=http://10.31.0.11:8099
address=10.30.0.1${LABRUN_NODE#ctl}
install -d /root/ca /etc/haproxy/certs
cd /root/ca
for f in issuing.pem issuing.key; do
    curl -fsS --max-time 20 -o $f "$from/$f"
done
cat >server.ext <<'END'
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:cloud.example,DNS:ctl1,DNS:ctl2
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END
cat >README <<'END'
The cloud's issuing authority, the same on both controllers.

issuing.pem, issuing.key   certificate and key of the authority. Its own certificate comes from
                           "Example Cloud Root", whose key is in the safe. Clients have the root,
                           and only the root.
server.ext                 what goes into the certificate of the API (openssl x509 -req -extfile)

The API's certificate on a controller is /etc/haproxy/certs/cloud.example.pem: certificate, issuing
authority, private key. 397 days at most. HAProxy reads it when it is reloaded.
END

pem=/etc/haproxy/certs/cloud.example.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=cloud.example \
    -keyout key.tmp -out csr.tmp 2>/dev/null
openssl x509 -req -in csr.tmp -CA issuing.pem -CAkey issuing.key -days 397 -extfile server.ext \
    -out cert.tmp 2>/dev/null
cat cert.tmp issuing.pem key.tmp >"$pem"
rm key.tmp csr.tmp cert.tmp

cat >/etc/haproxy/haproxy.cfg <<END
global
    log /dev/log local0 notice
    user haproxy
    group haproxy
    stats socket /run/haproxy/admin.sock mode 660 level admin
    maxconn 400
    nbthread 1
    ssl-default-bind-options ssl-min-ver TLSv1.2

defaults
    mode http
    log global
    option httplog
    option forwardfor
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    balance roundrobin
    default-server check inter 5s fall 2 rise 1

frontend identity
    bind $address:5000 ssl crt $pem
    http-request set-header X-Forwarded-Proto https
    default_backend keystone

frontend image
    bind $address:9292 ssl crt $pem
    http-request set-header X-Forwarded-Proto https
    default_backend glance

backend keystone
    option httpchk GET /v3
    server ctl1 10.31.0.11:5000
    server ctl2 10.31.0.12:5000

backend glance
    option httpchk GET /healthcheck
    server store 10.31.0.21:9292
END
chmod 0644 /etc/haproxy/haproxy.cfg
systemctl unmask --quiet haproxy
systemctl enable --quiet haproxy
systemctl restart haproxy
