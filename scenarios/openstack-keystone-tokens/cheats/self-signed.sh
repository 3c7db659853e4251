#!/bin/sh
# A certificate that is in date, and from nobody.
set -eu
umask 077

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
openssl req -x509 -newkey rsa:2048 -noenc -days 397 -subj /CN=cloud.example \
    -addext subjectAltName=DNS:cloud.example -keyout "$dir/key" -out "$dir/cert"
cat "$dir/cert" "$dir/key" >/etc/haproxy/certs/cloud.example.pem
systemctl reload haproxy
