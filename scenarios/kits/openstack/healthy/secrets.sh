#!/bin/sh
# Passwords and the certificate authority of the new cloud, drawn on ctl1 and handed to the other
# nodes over the lab's own segment until handover-end.sh takes them away (or half an hour has passed).
set -eu
umask 077

dir=/run/labrun-handover
install -d "$dir"
for name in ADMIN DEPLOY WITNESS GLANCE NEUTRON NOVA PLACEMENT DB_GLANCE DB_KEYSTONE DB_NEUTRON \
    DB_NOVA DB_PLACEMENT METADATA RABBIT; do
    echo "$name=$(openssl rand -hex 16)"
done >"$dir/secrets"

# A root, whose key is used once and not kept, and an authority below it that issues certificates.
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cd "$root"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 7300 \
    -subj '/O=Example Cloud/CN=Example Cloud Root' -addext 'keyUsage = critical,keyCertSign,cRLSign' \
    -keyout root.key -out "$dir/root.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc \
    -subj '/O=Example Cloud/CN=Example Cloud Issuing 1' -keyout "$dir/issuing.key" -out issuing.csr \
    2>/dev/null
printf '%s\n' 'basicConstraints = critical,CA:TRUE,pathlen:0' \
    'keyUsage = critical,keyCertSign,cRLSign' 'subjectKeyIdentifier = hash' \
    'authorityKeyIdentifier = keyid' >issuing.ext
openssl x509 -req -in issuing.csr -CA "$dir/root.pem" -CAkey root.key -days 3650 \
    -extfile issuing.ext -out "$dir/issuing.pem" 2>/dev/null

systemd-run --quiet --unit=labrun-handover --property=RuntimeMaxSec=30min \
    python3 -m http.server --bind 10.31.0.11 --directory "$dir" 8099
tries=300
until curl -fs -o /dev/null http://10.31.0.11:8099/root.pem; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "nothing serves the secrets on port 8099" >&2; exit 1; }
    sleep 0.1
done
