#!/bin/bash
# The ways in, and two labs at once with the same addresses: ssh, scp, rsync, Ansible, exit statuses,
# the witness shut, pinned host keys, the recording kept.
#   access.sh SCENARIO DRIVER NODE WITNESS
. tests/integration/lib.sh

scenario=$1 driver=$2 node=$3 witness=$4
one=acc1-$driver-$$ two=acc2-$driver-$$
work=$(mktemp -d)
cleanup() {
    "$LABRUN" stop "$one" 2>/dev/null || true
    "$LABRUN" stop "$two" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

note "two labs of one scenario at once"
"$LABRUN" start "$scenario" --driver "$driver" --name "$one" >/dev/null &
first=$!
"$LABRUN" start "$scenario" --driver "$driver" --name "$two" >/dev/null
wait "$first"

note "labrun ssh"
expect 7 "$LABRUN" ssh "$one" "$node" -- sh -c 'exit 7'
[ "$("$LABRUN" ssh "$one" "$node" -- hostname)" = "$node" ] || fail "another host name"
[ "$("$LABRUN" ssh "$one" "$node" -- 'echo a; echo b | tr b c' | xargs)" = "a c" ] || fail "no line"
[ "$("$LABRUN" ssh "$one" "$node" -- echo 'a; b' '(c)')" = 'a; b (c)' ] || fail "not as it is"
expect 64 "$LABRUN" ssh "$one" "$witness" -- true
expect 64 "$LABRUN" ssh "$one" no-such-node -- true
"$LABRUN" ssh "$one" "$node" -- sh -c 'echo one >/root/which'
expect 1 "$LABRUN" ssh "$two" "$node" -- test -e /root/which
expect 64 "$LABRUN" ssh -- true # two labs are running: which?

note "nobody gets in while a grade is under way after a power cut"
"$LABRUN" grade "$two" --after-reboot >/dev/null 2>"$work/grade.err" &
grade=$!
until grep -q 'cutting the power' "$work/grade.err"; do
    kill -0 "$grade" 2>/dev/null || fail "no power cut: $(cat "$work/grade.err")"
    sleep 0.05
done
"$LABRUN" ssh "$two" "$node" -- true 2>"$work/ssh.err"
contains "$(cat "$work/ssh.err")" 'waiting'
wait "$grade" || true
order=$(cat "$LABRUN_STATE_DIR/attempts/$two"-*/events.jsonl |
    grep -oE '"(hold|resume|terminal)"' | tr -d '"' | xargs)
case $order in *'hold resume terminal') ;; *) fail "events: $order" ;; esac

note "plain ssh, scp, rsync, Ansible"
"$LABRUN" ssh-config "$one" >"$work/config"
[ "$(ssh -F "$work/config" "$node" cat /root/which)" = one ] || fail "plain ssh"
head -c 300000 /dev/urandom >"$work/blob"
scp -q -F "$work/config" "$work/blob" "$node:/root/blob"
[ "$(ssh -F "$work/config" "$node" sha256sum /root/blob | cut -c1-64)" = \
    "$(sha256sum "$work/blob" | cut -c1-64)" ] || fail "scp changed the file"
if "$LABRUN" ssh "$one" "$node" -- test -x /usr/bin/rsync; then
    rsync -e "ssh -F $work/config" "$work/blob" "$node:/root/blob2"
fi
# The smallest image has no whole Python, which Ansible's modules need on the node.
if "$LABRUN" ssh "$one" "$node" -- python3 -c 'import shutil' 2>/dev/null; then
    ansible all -i "$node," --ssh-common-args "-F $work/config" -m ping >"$work/ansible" 2>&1 ||
        fail "ansible: $(cat "$work/ansible")"
    contains "$(cat "$work/ansible")" '"pong"'
fi

note "what running labs stand on is kept, though its definition has gone"
cp -r images "$work/images"
rm "$work/images"/*.yaml
gone=$(LABRUN_IMAGE_PATH=$work/images "$LABRUN" gc --dry-run 2>&1)
stands_on=$(/usr/bin/python3 - "$LABRUN_STATE_DIR" "$one" <<'PY'
import json, sys
state, lab = sys.argv[1:]
key = json.load(open(f"{state}/labs/{lab}/lab.json"))["stage"]
while key:
    stage = json.load(open(f"{state}/stages/{key}/stage.json"))
    print(key[:12], *stage["images"])
    key = stage.get("parent")
PY
)
for key in $stands_on; do
    case $gone in *"$key"*) fail "gc would remove $key: $gone" ;; esac
done

note "a wrong host key is refused"
sed 's/AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+]\{4\}/AAAAC3NzaC1lZDI1NTE5AAAAIAAAA/' \
    "$LABRUN_STATE_DIR/labs/$one/known_hosts" >"$work/known_hosts"
expect 255 ssh -F "$work/config" -o UserKnownHostsFile="$work/known_hosts" "$node" true

note "the recording of a terminal, and asciinema"
/usr/bin/python3 tests/integration/recording.py "$LABRUN" "$one" "$node" || fail "the recording"

note "one node back, with the same keys, and the other not touched"
"$LABRUN" ssh "$one" "$node" -- sh -c 'echo lost >/root/lost'
reset_before=$(domain_id "$driver" "$one" "$node") kept_before=$(domain_id "$driver" "$one" "$witness")
"$LABRUN" reset "$one" --node "$node" --json >"$work/reset.json"
expect 1 "$LABRUN" ssh "$one" "$node" -- test -e /root/lost
[ "$(ssh -F "$work/config" "$node" hostname)" = "$node" ] || fail "the node's keys have changed"
[ "$(domain_id "$driver" "$one" "$node")" != "$reset_before" ] || fail "the node was not started anew"
[ "$(domain_id "$driver" "$one" "$witness")" = "$kept_before" ] || fail "the other node was started anew"
expect 1 "$LABRUN" grade "$one" >/dev/null # broken again, and judged by a witness that still sees it
expect 64 "$LABRUN" reset "$one" --node no-such-node
/usr/bin/python3 - "$work/reset.json" "$(attempt_dir "$one")" "$node" <<'PY' || fail "the record of the reset"
import json, sys
told = json.load(open(sys.argv[1]))
spent = told["timings"]
assert told["node"] == sys.argv[3], told
assert [p["phase"] for p in spent["phases"]] == [
    "lookup", "stage", "end", "clone", "power-on", "ssh", "symptoms", "hand-over"], spent
assert sum(p["took_ms"] for p in spent["phases"]) == spent["total_ms"] > 0, spent
events = [json.loads(line) for line in open(sys.argv[2] + "/events.jsonl")]
at = [i for i, e in enumerate(events) if e["kind"] == "reset"]
assert len(at) == 1 and events[at[0]]["data"] == {"node": sys.argv[3]}, events
assert events[at[0] + 1]["kind"] == "ready", events
PY

note "reset, and stop while the other runs"
"$LABRUN" reset "$one" --timings >"$work/timings"
contains "$(cat "$work/timings")" "ssh +$witness .* ms"
expect 1 "$LABRUN" ssh "$one" "$node" -- test -e /root/which
"$LABRUN" stop "$one"
nothing_left "$one"
[ "$("$LABRUN" ssh "$two" "$node" -- hostname)" = "$node" ] || fail "the other lab does not answer"
"$LABRUN" stop "$two"
nothing_left "$two"
