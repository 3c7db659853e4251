#!/bin/sh
# What was agreed on the two ways, for whoever is on call.
set -eu

cat >/root/paths.txt <<'EOT'
Which traffic takes which way. Both families, both directions, new connections and answers alike.

between                                                        way
office  10.80.1.0/24   2001:db8:81::/64   }                    by the firewall: r1 - fw - r3
service 10.80.2.0/24   2001:db8:82::/64   }
backup-a 10.80.11.0/24 2001:db8:8a::/64   }                    by the direct line: r1 - r3
backup-b 10.80.12.0/24 2001:db8:8b::/64   }
anything else                                                  to the firewall, which refuses it

fw   passes ping, and TCP to port 80 from either side; every connection is tracked, what belongs to
     none is dropped. Addresses are not translated.
r1, r3   mark what is between the backup networks (/etc/nftables.conf); what is marked is routed by
     table 100. Networks, routes and rules: systemd-networkd, /etc/systemd/network/*.network.d.
EOT
