#!/bin/sh
# A certificate for the process that runs; the file stays the expired one.
set -eu
umask 077

pem=/etc/haproxy/certs/cloud.example.pem
cd /root/ca
openssl pkey -in "$pem" -out key.tmp
openssl req -new -key key.tmp -subj /CN=cloud.example -out csr.tmp
openssl x509 -req -in csr.tmp -CA issuing.pem -CAkey issuing.key -days 397 -extfile server.ext \
    -out cert.tmp
{
    echo "set ssl cert $pem <<"
    cat cert.tmp issuing.pem key.tmp
    echo
} | socat - /run/haproxy/admin.sock
echo "commit ssl cert $pem" | socat - /run/haproxy/admin.sock | grep -q 'Success'
rm key.tmp csr.tmp cert.tmp
