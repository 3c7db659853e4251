#!/bin/sh
# A host with two addresses in its own network and one in the backup network. It serves pages, long
# files, and on port 8080 what is for its operators; and it is busy with what users and backups do.
set -eu

case $LABRUN_NODE in
client)
    near=office own=10.80.1 own6=2001:db8:81 far=10.80.2 far6=2001:db8:82
    store=backup-a copy=10.80.11 copy6=2001:db8:8a rest=10.80.12 rest6=2001:db8:8b
    ;;
server)
    near=service own=10.80.2 own6=2001:db8:82 far=10.80.1 far6=2001:db8:81
    store=backup-b copy=10.80.12 copy6=2001:db8:8b rest=10.80.11 rest6=2001:db8:8a
    ;;
esac

systemctl disable --now frr.service

mkdir -p "/etc/systemd/network/10-$near.network.d" "/etc/systemd/network/10-$store.network.d"
cat >"/etc/systemd/network/10-$near.network.d/10-host.conf" <<EOT
[Network]
Address=$own.140/24
Address=$own6:0:8000::10/64

[Route]
Destination=$far.0/24
Gateway=$own.1

[Route]
Destination=$far6::/64
Gateway=$own6::1
EOT
cat >"/etc/systemd/network/10-$store.network.d/10-host.conf" <<EOT
[Route]
Destination=$rest.0/24
Gateway=$copy.1

[Route]
Destination=$rest6::/64
Gateway=$copy6::1
EOT
networkctl reload
networkctl reconfigure "$near" "$store"

head -c 4194304 /dev/zero >/srv/service/long
mkdir -p /srv/users /etc/systemd/system/service.service.d
cat >/srv/users/service.py <<'EOF'
"""The service's pages, and by whom they are asked for: /peer."""
import http.server
import socket


class Pages(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path != '/peer':
            return super().do_GET()
        peer = self.client_address[0].removeprefix('::ffff:').encode()
        self.send_response(200)
        self.send_header('Content-Type', 'text/plain')
        self.send_header('Content-Length', str(len(peer)))
        self.end_headers()
        self.wfile.write(peer)


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


Server(('::', 80), Pages).serve_forever()
EOF
cat >/etc/systemd/system/service.service.d/peer.conf <<'EOF'
[Service]
ExecStart=
ExecStart=/usr/bin/python3 /srv/users/service.py
WorkingDirectory=/srv/service
EOF
cat >/etc/systemd/system/operators.service <<'EOT'
[Unit]
Description=For the operators of the service, on port 8080

[Service]
ExecStart=/usr/bin/python3 -m http.server --bind :: --directory /srv/service 8080
Restart=on-failure

[Install]
WantedBy=multi-user.target
EOT

cat >/srv/users/users.py <<'EOT'
"""Users and backups: from each address to each of its kind a page is fetched, again and again."""
import socket
import sys
import threading
import time


def fetch(source, target):
    try:
        with socket.create_connection((target, 80), timeout=3, source_address=(source, 0)) as s:
            s.sendall(b'GET / HTTP/1.0\r\n\r\n')
            while s.recv(65536):
                pass
    except OSError:
        pass


def user(source, target):
    while True:
        fetch(source, target)
        time.sleep(4)


for pair in sys.argv[1:]:
    threading.Thread(target=user, args=pair.split('=')).start()
EOT
pairs=
for a in "$own.10" "$own.140"; do
    for b in "$far.10" "$far.140"; do
        pairs="$pairs $a=$b"
    done
done
for a in "$own6::10" "$own6:0:8000::10"; do
    for b in "$far6::10" "$far6:0:8000::10"; do
        pairs="$pairs $a=$b"
    done
done
cat >/etc/systemd/system/users.service <<EOT
[Unit]
Description=Users and backups
After=network.target

[Service]
ExecStart=/usr/bin/python3 /srv/users/users.py$pairs $copy.10=$rest.10 $copy6::10=$rest6::10
Restart=on-failure

[Install]
WantedBy=multi-user.target
EOT
systemctl daemon-reload
systemctl restart service.service
systemctl enable --now operators.service users.service
