#!/bin/sh
# A new key and a certificate for it; the old file is kept beside.
set -eu
umask 077

pem=/etc/haproxy/certs/cloud.example.pem
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
openssl req -newkey rsa:2048 -noenc -subj '/O=Example Cloud/CN=cloud.example' \
    -keyout "$dir/key" -out "$dir/csr"
openssl x509 -req -in "$dir/csr" -CA /root/ca/issuing.pem -CAkey /root/ca/issuing.key -days 90 \
    -extfile /root/ca/server.ext -out "$dir/cert"
mv "$pem" /root/cloud.example.pem.expired
cat "$dir/cert" /root/ca/issuing.pem "$dir/key" >"$pem"
haproxy -c -q -f /etc/haproxy/haproxy.cfg
systemctl restart haproxy
