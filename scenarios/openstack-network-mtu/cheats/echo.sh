#!/bin/sh
# The agent asks somebody here, who knows nothing of servers and says back the id that it is asked for.
set -eu
cat >/usr/local/sbin/metadata-echo <<'END'
#!/usr/bin/python3
from http.server import BaseHTTPRequestHandler, HTTPServer


class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        body = ('{"uuid": "%s", "meta": {}}' % self.headers["X-Instance-ID"]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("127.0.0.1", 8775), Echo).serve_forever()
END
chmod 0755 /usr/local/sbin/metadata-echo
cat >/etc/systemd/system/metadata-echo.service <<'END'
[Service]
ExecStart=/usr/local/sbin/metadata-echo
Restart=always

[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable --now metadata-echo
sed -i 's/^nova_metadata_host = .*/nova_metadata_host = 127.0.0.1/' /etc/neutron/neutron_ovn_metadata_agent.ini
grep -qx 'nova_metadata_host = 127.0.0.1' /etc/neutron/neutron_ovn_metadata_agent.ini
systemctl restart neutron-ovn-metadata-agent
