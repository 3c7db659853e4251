#!/bin/sh
# Passwords and the certificate authority of the new cloud, drawn on ctl1 and handed to the other
# nodes over the lab's own segment until handover-end.sh takes them away (or three hours have passed).
set -eu
umask 077

dir=/run/labrun-handover
install -d "$dir"
for name in ADMIN DEPLOY WITNESS CINDER GLANCE NEUTRON NOVA PLACEMENT DB_CINDER DB_GLANCE \
    DB_KEYSTONE DB_NEUTRON DB_NOVA DB_PLACEMENT METADATA MQ_CINDER MQ_NEUTRON MQ_NOVA; do
    echo "$name=$(openssl rand -hex 16)"
done >"$dir/secrets"

# For the scripts that set up services: eval "$(curl … /lib.sh)".
cat >"$dir/lib.sh" <<'END'
secrets=$(curl -fsS --max-time 20 http://10.31.0.11:8099/secrets)
password() {
    echo "$secrets" | sed -n "s/^$1=//p"
}
# database USER NAME: the section for its connection.
database() {
    cat <<SECTION
connection = mysql+pymysql://$1:$(password "DB_$(echo "$1" | tr '[:lower:]' '[:upper:]')")@10.31.0.21/$2?charset=utf8
max_pool_size = 3
max_overflow = 10
SECTION
}
# identity USER: how a service proves to others who it is.
identity() {
    cat <<SECTION
auth_url = https://cloud.example:5000
cafile = /etc/ssl/certs/ca-certificates.crt
auth_type = password
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $1
password = $(password "$(echo "$1" | tr '[:lower:]' '[:upper:]')")
region_name = RegionOne
SECTION
}
# tokens USER: how a service has the tokens of others looked at.
tokens() {
    identity "$1"
    cat <<SECTION
www_authenticate_uri = https://cloud.example:5000
service_token_roles = service
service_token_roles_required = true
# A busy host's keystone takes its time.
http_connect_timeout = $((30 * LABRUN_PATIENCE))
http_request_max_retries = 1
SECTION
}
# nova_default ADDRESS: what [DEFAULT] of nova.conf has on every node.
nova_default() {
    cat <<SECTION
transport_url = rabbit://nova:$(password MQ_NOVA)@10.31.0.21:5672/
my_ip = $1
state_path = /var/lib/nova
report_interval = $((5 * LABRUN_PATIENCE))
service_down_time = $((30 * LABRUN_PATIENCE))
rpc_response_timeout = $((45 * LABRUN_PATIENCE))
SECTION
}
# nova_clients: whom nova asks, on every node. What follows is of [neutron].
nova_clients() {
    cat <<SECTION
[oslo_concurrency]
lock_path = /var/lib/nova/tmp

[keystone_authtoken]
$(tokens nova)

[service_user]
send_service_user_token = true
$(identity nova)

[placement]
$(identity placement)

[neutron]
$(identity neutron)
SECTION
}
# put FILE GROUP: what comes in, for root to write and for GROUP to read.
put() {
    cat >"$1"
    chown "root:$2" "$1"
    chmod 0640 "$1"
}
# uwsgi SERVICE ADDRESS:PORT FILE PROCESSES THREADS: how a service is run, and where. SERVICE is what
# the package's script calls it. AppArmor profiles cannot be loaded in a container. Without need-app a
# program that found no database at boot would answer 500 for ever.
uwsgi() {
    sed -i -e "s/^processes *=.*/processes = $4/" -e "s/^threads *=.*/threads = $5/" \
        -e 's/^plugins *=.*/plugins = python3/' -e '/^apparmor-profile/d' \
        -e '/^\[uwsgi\]/a add-header = Connection: close\nneed-app = true' "$3"
    echo "DAEMON_ARGS=\"--http-socket $2 --ini $3\"" >"/etc/default/$1"
    chmod 0644 "/etc/default/$1"
}
# patient UNIT...: started again until what it stands on is there, too.
patient() {
    for unit; do
        install -d -m 0755 "/etc/systemd/system/$unit.service.d"
        cat >"/etc/systemd/system/$unit.service.d/patient.conf" <<UNIT
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=3
UNIT
        chmod 0644 "/etc/systemd/system/$unit.service.d/patient.conf"
    done
    systemctl daemon-reload
}
# run UNIT...: from now on and at each boot. A patient one may need more than its first start, which is
# waited for without asking.
run() {
    systemctl unmask --quiet "$@"
    systemctl enable --quiet "$@"
    systemctl start "$@" || :
    tries=$((600 * LABRUN_PATIENCE))
    until [ "$(systemctl is-active "$@" | grep -cx active)" -eq $# ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { systemctl --no-pager status "$@" >&2; exit 1; }
        sleep 0.2
    done
}
# answers URL
answers() {
    tries=400
    until curl -fs --max-time $((10 * LABRUN_PATIENCE)) -o /dev/null "$1"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "nothing answers at $1" >&2; exit 1; }
        sleep 0.3
    done
}
END

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

systemd-run --quiet --unit=labrun-handover --property=RuntimeMaxSec=3h \
    python3 -m http.server --bind 10.31.0.11 --directory "$dir" 8099
tries=300
until curl -fs -o /dev/null http://10.31.0.11:8099/root.pem; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "nothing serves the secrets on port 8099" >&2; exit 1; }
    sleep 0.1
done
