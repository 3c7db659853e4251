#!/bin/bash
# What root in a node can do to those who judge it and clean up after it: a lab is judged all the
# same, by what it is, and can be ended.
#   hostile.sh SCENARIO DRIVER NODE SOLUTION_STEP...
. tests/integration/lib.sh

scenario=$1 driver=$2 node=$3
shift 3
lab=hostile-$driver-$$
work=$(mktemp -d)
cleanup() {
    "$LABRUN" stop "$lab" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

in_node() {
    "$LABRUN" ssh "$lab" "$node" -- "$@"
}

# score: of a grade now, "PERCENT GRADABLE".
score() {
    local got=0
    "$LABRUN" grade "$lab" --json "$work/grade.json" >/dev/null 2>"$work/grade.err" || got=$?
    [ -s "$work/grade.json" ] || fail "no grade ($got): $(cat "$work/grade.err")"
    printf '%.0f %s\n' "$(json_member "$work/grade.json" percent)" \
        "$(json_member "$work/grade.json" gradable)"
}

"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null
for step; do
    in_node sh -s <"$scenario/$step"
done
[ "$(score)" = '100 True' ] || fail "mended, and not full marks: $(cat "$work/grade.json")"

note "a reboot that is under way when it is judged"
for delay in 0 0.3 1; do
    in_node systemctl reboot || true # the session may end first
    sleep "$delay"
    [ "$(score)" = '100 True' ] || fail "judged in a reboot ($delay s): $(cat "$work/grade.json")"
done

note "folders so deep that their path is none"
in_node python3 - <<'PY'
import os
os.chdir("/root")
for _ in range(60):
    os.mkdir("d" * 250)
    os.chdir("d" * 250)
PY

note "control groups as deep as they may be"
in_node python3 - <<'PY'
import os
os.chdir("/sys/fs/cgroup")
made, name = 0, "a" * 250
try:
    while made < 100:
        os.mkdir(name)
        os.chdir(name)
        made += 1
except OSError:
    pass
assert made < 40, made
PY
expect 0 "$LABRUN" grade "$lab" --after-reboot >/dev/null

note "a first process that ends while it is still being set up"
for try in 1 2 3; do
    "$LABRUN" reset "$lab" --node "$node" >/dev/null
    in_node sh -c 'printf "#!/bin/sh\nkill -9 \$\$\n" >/usr/sbin/labinit; sync; systemctl poweroff' || true
    [ "$(score)" != '100 True' ] || fail "full marks for a node that does not boot ($try)"
done
"$LABRUN" reset "$lab" >/dev/null

note "a node that does not boot any more"
in_node sh -c 'rm /usr/sbin/labinit; systemctl poweroff' || true
[ "$(score)" != '100 True' ] || fail "full marks for a node that does not boot"
grep -q "node '$node' does not boot" "$work/grade.err" || fail "not told: $(cat "$work/grade.err")"
status=0
"$LABRUN" finish "$lab" --force >/dev/null 2>"$work/finish.err" || status=$?
case $status in 1 | 4) ;; *) fail "finish: $status: $(cat "$work/finish.err")" ;; esac
nothing_left "$lab"
