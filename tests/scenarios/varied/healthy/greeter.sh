#!/bin/sh
set -eu
unit=greeter-$LABRUN_PARAM_WORD
mkdir -p /lab
echo "$LABRUN_PARAM_CANARY" >"/lab/canary-$LABRUN_PARAM_WORD"
cat >/usr/local/bin/greet <<'GREET'
#!/usr/bin/perl
# Says one line to whoever connects.
use strict;
use IO::Socket::INET;
my $listener = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die $!;
while (my $peer = $listener->accept) {
    print $peer "hello from $ARGV[1]\n";
    close $peer;
}
GREET
chmod 755 /usr/local/bin/greet
cat >"/etc/systemd/system/$unit.service" <<UNIT
[Unit]
Description=Greets whoever connects

[Service]
ExecStart=/usr/bin/perl /usr/local/bin/greet $LABRUN_PARAM_PORT $LABRUN_PARAM_WORD
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now "$unit"
