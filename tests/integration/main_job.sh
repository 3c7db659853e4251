#!/bin/bash
# The main job, end to end, on a real system: start, broken as declared, mended over ssh, full marks,
# still after a power cut, stopped, nothing left.
#   main_job.sh SCENARIO DRIVER SOLUTION
. tests/integration/lib.sh

scenario=$1 driver=$2 solution=$3
lab=job-$driver-$$
work=$(mktemp -d)
cleanup() {
    "$LABRUN" stop "$lab" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

note "start"
"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" --candidate "Åsa Test" --json >"$work/start.json"
[ "$(json_member "$work/start.json" lab)" = "$lab" ] || fail "another lab was started"
contains "$("$LABRUN" status)" "$lab .*running"
contains "$("$LABRUN" brief "$lab")" "Time left"

note "broken as declared"
expect 1 "$LABRUN" grade "$lab" --json "$work/broken.json"
declared=$(/usr/bin/python3 - "$scenario" <<'PY'
import sys, yaml
doc = yaml.safe_load(open(sys.argv[1] + "/scenario.yaml"))
print(" ".join(c["id"] for c in doc["checks"]
    if c["id"] in doc["baseline"]["fails"] and c.get("when") != "after-reboot"))
PY
)
[ "$(with_verdict "$work/broken.json" fail)" = "$declared" ] ||
    fail "fails: $(with_verdict "$work/broken.json" fail); declared: $declared"
[ -z "$(with_verdict "$work/broken.json" error)" ] || fail "something could not be judged"

note "mended over ssh"
drawn "$lab" >"$work/drawn"
mapfile -t drawn < <(sed 's/^\([^=]*\)/LABRUN_PARAM_\U\1/' "$work/drawn")
/usr/bin/python3 - "$scenario" "$solution" "$work/drawn" >"$work/steps" <<'PY'
import sys, yaml
doc = yaml.safe_load(open(sys.argv[1] + "/scenario.yaml"))
values = dict(line.rstrip("\n").split("=", 1) for line in open(sys.argv[3]))
for solution in doc["solutions"]:
    if solution["id"] == sys.argv[2]:
        for step in solution.get("steps", [solution]):
            node = step["node"]
            for name, value in values.items():
                node = node.replace("${" + name + "}", value)
            print(node, step["script"])
PY
[ -s "$work/steps" ] || fail "no solution '$solution'"
while read -r node script; do
    interpreter=$(sed -n '1s/^#!//p' "$scenario/$script")
    # shellcheck disable=SC2086  # a shebang may have an argument
    "$LABRUN" ssh "$lab" "$node" -- env LABRUN_NODE="$node" LABRUN_DRIVER="$driver" \
        LABRUN_SCENARIO=x "${drawn[@]}" $interpreter /dev/stdin <"$scenario/$script" || fail "$script on $node"
done <"$work/steps"

note "full marks, also after a power cut"
expect 0 "$LABRUN" grade "$lab" --after-reboot --json "$work/mended.json" --junit "$work/mended.xml"
[ "$(json_member "$work/mended.json" percent)" = 100 ] || fail "$(cat "$work/mended.json")"

note "finish"
expect 0 "$LABRUN" finish "$lab" >/dev/null
nothing_left "$lab"
contains "$("$LABRUN" results)" "Åsa Test"
