#!/bin/sh
# A host with a container behind a network of its own, so that the host routes. It learns its IPv6
# default route by router advertisements.
set -eu

case $LABRUN_NODE in
web1) n=1 ;;
web2) n=2 ;;
esac

systemctl disable --now frr.service

mkdir -p /etc/systemd/network/10-lan.network.d
cat >/etc/systemd/network/10-lan.network.d/10-site.conf <<'EOF'
# Site standard: IPv4 gateway by hand, IPv6 gateway from router advertisements, which networkd takes
# unless told otherwise.
[Network]
Gateway=10.70.1.1
IPv6AcceptRA=
EOF
cat >/etc/sysctl.d/70-containers.conf <<'EOF'
net.ipv4.ip_forward = 1
net.ipv6.conf.all.forwarding = 1
EOF

cat >/etc/nftables.conf <<'EOF'
#!/usr/sbin/nft -f
flush ruleset

table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        iifname { "lo", "eth0" } accept
        icmp type { echo-request, destination-unreachable, time-exceeded } accept
        icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, echo-request } accept
        icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
        iifname "lan" ip saddr 10.70.1.0/24 tcp dport 22 accept
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        meta l4proto { icmp, ipv6-icmp } accept
        iifname "ctr0" accept
        iifname "lan" oifname "ctr0" tcp dport 80 accept
    }
}
EOF
systemctl enable nftables.service
nft -f /etc/nftables.conf

mkdir -p /srv/app
cat >/srv/app/app.py <<'EOF'
"""The application: users on port 80, its operators on port 8080."""
import http.server
import socket
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"status": "ok"}\n'
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


threading.Thread(target=Server(('::', 8080), Handler).serve_forever, daemon=True).start()
Server(('::', 80), Handler).serve_forever()
EOF
cat >/usr/local/sbin/container-network <<EOF
#!/bin/sh
# container-network PID: an interface pair between the host and the network namespace of a process.
set -eu
pid=\$1
tries=0
while [ "\$(readlink /proc/\$pid/ns/net)" = "\$(readlink /proc/self/ns/net)" ]; do
    tries=\$((tries + 1))
    [ "\$tries" -lt 100 ] || exit 1
    sleep 0.1
done
inside() {
    nsenter -t "\$pid" -n ip "\$@"
}
ip link delete ctr0 2>/dev/null || true
ip link add ctr0 type veth peer name uplink netns "\$pid"
ip address add 10.70.10$n.1/24 dev ctr0
ip address add 2001:db8:7$n::1/64 dev ctr0 nodad
ip link set ctr0 up
inside address add 10.70.10$n.10/24 dev uplink
inside address add 2001:db8:7$n::10/64 dev uplink nodad
inside link set lo up
inside link set uplink up
inside route add default via 10.70.10$n.1
inside -6 route add default via 2001:db8:7$n::1
EOF
chmod 755 /usr/local/sbin/container-network
cat >/etc/systemd/system/app.service <<'EOF'
[Unit]
Description=The application, in a container's network
After=systemd-networkd.service nftables.service

[Service]
ExecStart=/usr/bin/unshare --net /usr/bin/python3 /srv/app/app.py
ExecStartPost=/usr/local/sbin/container-network $MAINPID
Restart=on-failure

[Install]
WantedBy=multi-user.target
EOF
systemctl daemon-reload
sysctl -q -p /etc/sysctl.d/70-containers.conf
networkctl reload
networkctl reconfigure lan
systemctl enable --now app.service || { journalctl -u app.service -n 20 --no-pager; exit 1; }
