#!/bin/bash
# A proof goes green on a sound scenario, and red for the right reason on one that was spoilt.
#   prove_red.sh SCENARIO DRIVER
. tests/integration/lib.sh

scenario=$1 driver=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# spoil NAME: a copy to be changed; its path in $copy.
spoil() {
    copy=$work/$1
    cp -r "$scenario" "$copy"
}

# red PATTERN BRANCH: the proof of the copy is refuted, and says why.
red() {
    local out status=0
    out=$("$LABRUN" prove "$copy" --driver "$driver" --idle 1 --branch "$2" --json) || status=$?
    [ "$status" -eq 1 ] || fail "$copy: exit status $status: $out"
    contains "$out" "$1"
}

note "sound"
expect 0 "$LABRUN" prove "$scenario" --driver "$driver" --idle 2 --junit - >"$work/proof.xml"
xmllint --noout "$work/proof.xml"

note "what would not be proven at all"
expect 64 "$LABRUN" prove "$scenario" --driver "$driver" --branch broken --branch solutoin
spoil unsolvable
sed -i '/^solutions:/,/^[a-z]/{/^solutions:/d;/^ /d}' "$copy/scenario.yaml"
expect 65 "$LABRUN" prove "$copy" --driver "$driver" --branch broken 2>"$work/unsolvable.err"
contains "$(cat "$work/unsolvable.err")" 'has no solution'

note "a check that always passes"
spoil loosened
sed -i 's/{ping: {host: 10.9.0.1}}, *}/{ping: {host: 10.9.0.1}}}/
    /id: ping4/s/probe: {ping: {host: 10.9.0.1}}/probe: {command: {run: "true"}}/' "$copy/scenario.yaml"
red "'ping4' is pass where it should fail" broken

note "a solution that lacks a step"
spoil unsolved
printf '#!/bin/sh\ntrue\n' >"$copy/solutions/hello.sh"
red "'hello' is fail where it should pass" solution/reference

note "a step that is not needed"
spoil needless
sed -i '/solutions\/hello.sh}/a\      - {node: box, script: solutions/nothing.sh}' "$copy/scenario.yaml"
printf '#!/bin/sh\ntrue\n' >"$copy/solutions/nothing.sh"
chmod +x "$copy/solutions/nothing.sh"
red "full marks without its step 3" solution/reference/without-3

note "a cheat that works"
spoil cheated
cat "$copy/solutions/firewall.sh" >"$copy/cheats/wipe.sh"
sed 1d "$copy/solutions/hello.sh" >>"$copy/cheats/wipe.sh"
red "cheat 'wipe' gets" cheat/wipe

note "a check for after a power cut that nobody declared"
spoil undeclared
sed -i 's/, hello, persistent\]/, hello]/' "$copy/scenario.yaml"
red "'persistent' is fail where it should pass" broken

note "a cheat that gets the rest after the power cut"
spoil late
sed -i '/id: wipe/a\  - {id: half, node: box, script: cheats/half.sh, max_percent: 25}' "$copy/scenario.yaml"
cp "$copy/solutions/hello.sh" "$copy/cheats/half.sh"
red "cheat 'half' gets 40.0 %, more than its 25.0 %" cheat/half

note "a fault that does nothing"
spoil harmless
printf '#!/bin/sh\ntrue\n' >"$copy/faults/ping.sh"
red "fault 'ping' alone is noticed by no check" fault/ping

note "a check that writes to the node"
spoil writing
sed -i '2a touch /etc/was-here' "$copy/checks/policy.sh"
red "grading changed something on node box: file '/etc/was-here' was changed" twice

note "a check that switches something off"
spoil meddling
sed -i '2a systemctl disable nftables.service' "$copy/checks/policy.sh"
red "grading changed something on node box: units: 'nftables.service' was enabled, active, and is disabled, active" twice
"$LABRUN" gc >/dev/null

note "files that change meanwhile"
spoil changed
"$LABRUN" prove "$copy" --driver "$driver" --idle 5 --branch idle --json >"$work/out" &
proof=$!
for _ in $(seq 300); do
    compgen -G "$LABRUN_STATE_DIR/labs/prove-changed*" >/dev/null && break
    kill -0 $proof || break
    sleep 0.2
done
echo >>"$copy/briefing.md"
status=0
wait $proof || status=$?
[ "$status" -eq 4 ] || fail "exit status $status: $(cat "$work/out")"
contains "$(cat "$work/out")" "changed under this command"
