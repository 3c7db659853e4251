#!/bin/sh
# A web server on 80 and 443, v4 and v6. What it says and shows lies in /srv/web.
set -eu
mkdir -p /srv/web
echo '{"status": "ok", "site": "r2", "queue": 3}' >/srv/web/health.json
cat >/srv/web/key.pem <<'PEM'
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMyyO8sHHS/YAmd7q
pOx65FruLMMtoohFB9bxEtG1ffShRANCAATiEHjvZke35LAUMqdZt99WwTtQ0grN
Pq6Vk2l+uENyXbkzH6R9RP5a5TO8+Ywrrvebi+ODVdBMDdEa7er29keN
-----END PRIVATE KEY-----
PEM
cat >/srv/web/cert.pem <<'PEM'
-----BEGIN CERTIFICATE-----
MIIBjDCCATOgAwIBAgIBAjAKBggqhkjOPQQDAjARMQ8wDQYDVQQDDAZMYWIgQ0Ew
IBcNMjAwMTAxMDAwMDAwWhgPMjExOTAxMDEwMDAwMDBaMBIxEDAOBgNVBAMMB3d3
dy5sYWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATiEHjvZke35LAUMqdZt99W
wTtQ0grNPq6Vk2l+uENyXbkzH6R9RP5a5TO8+Ywrrvebi+ODVdBMDdEa7er29keN
o3kwdzAJBgNVHRMEAjAAMCoGA1UdEQQjMCGCB3d3dy5sYWKHBAoJyAGHEP0JAgAA
AAAAAAAAAAAAAAEwHQYDVR0OBBYEFMprB/k0My02rIZetfTYdLm/whHJMB8GA1Ud
IwQYMBaAFF6/0TXauy6uuFXo9hJdSHbPwD9+MAoGCCqGSM49BAMCA0cAMEQCIDM3
RxtR3n4ipw1+XI2mkKC49u7VaXN2/Y88MUy+HChvAiBPSISsnCHPXVvT1wyIr5Gi
Wwe4Ijj0Zb+36G0Vj2xTiw==
-----END CERTIFICATE-----
PEM
cat >/srv/web/serve.py <<'PY'
import http.server, socket, ssl, threading

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == '/health'
        body = open('/srv/web/health.json', 'rb').read() if found else b'nothing here\n'
        self.send_response(200 if found else 404)
        self.send_header('Content-Type', 'application/json' if found else 'text/plain')
        self.send_header('Content-Length', str(len(body)))
        self.send_header('X-Served-By', 'r2')
        self.end_headers()
        self.wfile.write(body)

class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('/srv/web/cert.pem', '/srv/web/key.pem')
secure = Server(('::', 443), Handler)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
threading.Thread(target=secure.serve_forever, daemon=True).start()
Server(('::', 80), Handler).serve_forever()
PY
cat >/etc/systemd/system/web.service <<'UNIT'
[Unit]
Description=The site's web server
After=network.target

[Service]
ExecStart=/usr/bin/python3 /srv/web/serve.py
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now web.service
