#!/bin/sh
# HAProxy on a controller: TLS on the API address for what this cloud has (its nodes tell), over all
# controllers. The issuing authority is kept on each of them, so that any can be rebuilt.
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
    timeout connect $((5 * LABRUN_PATIENCE))s
    timeout client $((60 * LABRUN_PATIENCE))s
    timeout server $((60 * LABRUN_PATIENCE))s
    # Who is busy is not gone; who is gone refuses at once.
    timeout check $((15 * LABRUN_PATIENCE))s
    balance roundrobin
    # Each costs an emulated API a second or more; who is gone pays nothing.
    default-server check inter $((5 * LABRUN_PATIENCE))s downinter ${LABRUN_PATIENCE}s fall 2 rise 1
END

# service NAME PORT PATH NODE...: what is asked at PORT goes to the nodes that answer at PATH.
service() {
    name=$1 port=$2 path=$3
    shift 3
    cat <<END

frontend $name
    bind $address:$port ssl crt $pem
    http-request set-header X-Forwarded-Proto https
    default_backend $name

backend $name
    option httpchk GET $path
END
    for node; do
        case $node in
        ctl*) host=1${node#ctl} ;;
        img*) host=4${node#img} ;;
        store) host=21 ;;
        vol*) host=5${node#vol} ;;
        esac
        echo "    server $node 10.31.0.$host:$port"
    done
}
has() {
    grep -qw "$1" /etc/hosts
}
controllers=ctl1
! has ctl2 || controllers='ctl1 ctl2'
images=store
! has img1 || images=img1
{
    # shellcheck disable=SC2086  # a list
    service identity 5000 /v3 $controllers
    service image 9292 /healthcheck $images
    ! has vol1 || service volume 8776 /healthcheck vol1
    if has cmp1; then
        service compute 8774 / ctl1
        service placement 8778 / ctl1
        service network 9696 / ctl1
    fi
} >>/etc/haproxy/haproxy.cfg
chmod 0644 /etc/haproxy/haproxy.cfg
systemctl unmask --quiet haproxy
systemctl enable --quiet haproxy
systemctl restart haproxy
