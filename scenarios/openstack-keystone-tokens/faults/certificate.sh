#!/bin/sh
# The certificate that nobody renewed: over since last night.
set -eu
umask 077

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
ca=/root/ca
pem=/etc/haproxy/certs/cloud.example.pem
openssl pkey -in "$pem" -out "$dir/key"
openssl req -new -key "$dir/key" -subj /CN=cloud.example -out "$dir/csr"
openssl x509 -req -in "$dir/csr" -CA "$ca/issuing.pem" -CAkey "$ca/issuing.key" \
    -extfile "$ca/server.ext" -not_before "$(date -u -d '-398 days' +%Y%m%d%H%M%SZ)" \
    -not_after "$(date -u -d '-5 hours' +%Y%m%d%H%M%SZ)" -out "$dir/cert" 2>/dev/null
cat "$dir/cert" "$ca/issuing.pem" "$dir/key" >"$pem"
systemctl reload haproxy

tries=100
while echo | openssl s_client -connect "10.30.0.1${LABRUN_NODE#ctl}:5000" -servername cloud.example \
    2>/dev/null | openssl x509 -noout -checkend 0 >/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "the front still shows a valid certificate" >&2; exit 1; }
    sleep 0.2
done
