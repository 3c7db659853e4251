#!/bin/bash
# What a candidate changes in passing is in the interviewer's report, apart from what the faults did,
# and not in what the candidate sees; a guard catches a new port, and a repair breaks none.
#   collateral.sh SCENARIO DRIVER NODE
. tests/integration/lib.sh

scenario=$1 driver=$2 node=$3
lab=collateral-$driver-$$
work=$(mktemp -d)
cleanup() {
    "$LABRUN" stop "$lab" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

guarded=$work/$(basename "$scenario")
cp -r "$scenario" "$guarded"
sed -i "/^guards:/a\\  - {id: no-new-ports, title: Nothing listens that did not before, caps: 50, node: $node, probe: {collateral: {only: [ports], change: added}}}" \
    "$guarded/scenario.yaml"

# differences BY: "KIND ITEM" of each, from the attempt's score file.
differences() {
    /usr/bin/python3 - "$work/report.json" "$1" <<'PY'
import json, sys
c = json.load(open(sys.argv[1]))["collateral"]
assert c["compared"] and not c["hidden"], c
assert c["could_not_tell"] == [] or sys.argv[2] == "untold", c["could_not_tell"]
for d in c["differences"]:
    if d["by"] == sys.argv[2]:
        print(d["kind"], d["item"])
PY
}

grade() {
    "$LABRUN" grade "$lab" --json "$work/grade.json" || [ $? -eq 1 ]
    "$LABRUN" report "$lab" --json "$work/report.json"
}

on_node() {
    "$LABRUN" ssh "$lab" "$node" -- sh -s
}

note "broken: only what the faults did"
"$LABRUN" start "$guarded" --driver "$driver" --name "$lab"
grade
[ -z "$(differences candidate)" ] || fail "changed by nobody: $(differences candidate)"
contains "$(differences fault)" "^units hello.service$"
contains "$(differences fault)" "^firewall .*icmp type echo-request accept$"
[ "$(differences fault | wc -l)" -eq 3 ] || fail "$(differences fault)"
contains "$(with_verdict "$work/grade.json" pass)" no-new-ports

note "a port, a user, a unit"
on_node <<'SH'
set -eu
useradd --create-home mallory
cat >/etc/systemd/system/door.service <<'UNIT'
[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/bin/python3 -c "import os, socket, time; s = socket.create_server(('', 8080)); os.system('systemd-notify --ready'); time.sleep(1e6)"
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --now door.service
SH
grade
changed=$(differences candidate)
for what in "units door.service" "ports tcp 0.0.0.0:8080" "users user mallory" "users group mallory"; do
    contains "$changed" "^$what$"
done
[ "$(wc -l <<<"$changed")" -eq 4 ] || fail "$changed"
contains "$("$LABRUN" report "$lab")" "changed by the candidate"
contains "$(with_verdict "$work/grade.json" fail)" no-new-ports
/usr/bin/python3 - "$work/grade.json" <<'PY'
import json, sys
c = json.load(open(sys.argv[1]))["collateral"]
assert c["hidden"] and c["changed"] == 4 and not c["differences"], c
PY

note "put back, and mended"
on_node <<'SH'
set -eu
systemctl disable --now door.service
rm /etc/systemd/system/door.service
systemctl daemon-reload
userdel --remove mallory
SH
for script in firewall hello; do
    on_node <"$scenario/solutions/$script.sh"
done
grade
[ -z "$(differences candidate)$(differences fault)" ] ||
    fail "still different: $(differences candidate) $(differences fault)"
[ "$(json_member "$work/grade.json" percent)" = 100 ] || fail "$(cat "$work/grade.json")"

note "a node that does not answer as it should"
on_node <<'SH'
set -eu
ln -sf /bin/true /usr/local/bin/ss
mv /usr/bin/ss /usr/bin/ss.real
printf '#!/bin/sh\necho nonsense\n' >/usr/bin/ss
chmod 755 /usr/bin/ss
SH
expect 4 "$LABRUN" grade "$lab" --json "$work/grade.json"
contains "$("$LABRUN" report "$lab")" "could not be told"
contains "$(with_verdict "$work/grade.json" error)" no-new-ports
