#!/bin/sh
# A certificate for the key that the front has.
set -eu
umask 077

pem=/etc/haproxy/certs/cloud.example.pem
cd /root/ca
openssl pkey -in "$pem" -out key.tmp
openssl req -new -key key.tmp -subj /CN=cloud.example -out csr.tmp
openssl x509 -req -in csr.tmp -CA issuing.pem -CAkey issuing.key -days 397 -extfile server.ext \
    -out cert.tmp
cat cert.tmp issuing.pem key.tmp >"$pem"
rm key.tmp csr.tmp cert.tmp
systemctl reload haproxy
