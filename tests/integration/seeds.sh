#!/bin/bash
# Two draws of one scenario are two labs that differ, and each can be solved; the candidate is told
# nothing of what was drawn, the interviewer all; nothing of it is left on the nodes.
#   seeds.sh SCENARIO DRIVER SEED SEED
. tests/integration/lib.sh

scenario=$1 driver=$2
shift 2
work=$(mktemp -d)
labs=()
cleanup() {
    for lab in "${labs[@]}"; do
        "$LABRUN" stop "$lab" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap cleanup EXIT

# value LAB NAME: what was drawn.
value() {
    drawn "$1" | sed -n "s/^$2=//p"
}

# solve LAB: the reference solution by hand, with the values that a candidate would have to find.
solve() {
    { echo "export LABRUN_PARAM_WORD=$(value "$1" word)"
      cat "$scenario/solutions/greeter.sh"; } |
        "$LABRUN" ssh "$1" "$(value "$1" home)" -- sh
}

for seed; do
    lab=seed-$driver-$seed-$$
    labs+=("$lab")
    note "seed $seed"
    "$LABRUN" start "$scenario" --driver "$driver" --name "$lab" --seed "$seed" --json >"$work/start.json"
    [ "$(json_member "$work/start.json" seed)" = "$seed" ] || fail "another seed was taken"
    home=$(value "$lab" home) word=$(value "$lab" word) canary=$(value "$lab" canary)

    note "what the candidate is told, and what not"
    contains "$("$LABRUN" brief "$lab")" "greeter-$word"
    expect 1 "$LABRUN" grade "$lab" --json "$work/grade.json" >"$work/grade.txt"
    for said in "$work/grade.json" "$work/grade.txt" <("$LABRUN" brief "$lab") \
        <("$LABRUN" status "$lab") <("$LABRUN" status "$lab" --json); do
        ! grep -E "\"draw\"|\"seed\"|seed [0-9]|title_of_trouble" "$said" || fail "the candidate is told what was drawn"
    done
    ! grep -wE "$home|$word" "$work/grade.txt" || fail "the candidate is told where it was asked"
    contains "$(cat "$work/grade.txt")" "not shown: it would tell what was drawn"
    contains "$("$LABRUN" report "$lab")" "seed $seed: .*word=$word"
    contains "$("$LABRUN" report "$lab")" "asked +checks/greeting.sh $home"
    contains "$("$LABRUN" report "$lab" -o json)" "\"canary\": \"$canary\""
    contains "$("$LABRUN" results --json)" "\"seed\": $seed,"
    (cd "$work" && expect 64 "$LABRUN" report --json "$lab" 2>"$work/said")
    contains "$(cat "$work/said")" "--json takes a file, and '$lab' is a lab"

    note "what is on the nodes"
    contains "$("$LABRUN" ssh "$lab" "$home" -- cat "/lab/canary-$word")" "^$canary"
    # shellcheck disable=SC2016  # expanded on the node
    left=$("$LABRUN" ssh "$lab" "$home" -- sh -c \
        'grep -lz ^LABRUN_PARAM_ /proc/[0-9]*/environ 2>/dev/null
         grep -rl LABRUN_PARAM_ /run /tmp /root /var/log 2>/dev/null' || true)
    [ -z "$left" ] || fail "what was drawn is left in: $left"
done

note "the answer to one is not that of the other"
a=${labs[0]} b=${labs[1]}
[ "$(value "$a" home)" != "$(value "$b" home)" ] || fail "both are on the same node"
[ "$(value "$a" canary)" != "$(value "$b" canary)" ] || fail "both have the same canary"
wrong=$(sed "s/\$LABRUN_PARAM_WORD/$(value "$a" word)/" "$scenario/solutions/greeter.sh")
! "$LABRUN" ssh "$b" "$(value "$b" home)" -- sh <<<"$wrong" 2>/dev/null ||
    fail "the answer to one seed works with the other"
expect 1 "$LABRUN" grade "$b" >/dev/null

for lab in "${labs[@]}"; do
    note "$lab is solved"
    solve "$lab"
    expect 0 "$LABRUN" finish "$lab" --json "$work/done.json" >/dev/null
    [ "$(json_member "$work/done.json" percent)" = 100 ] || fail "$(cat "$work/done.json")"
    nothing_left "$lab"
    contains "$("$LABRUN" report "$lab")" "seed [0-9]+: home="
done
labs=()

note "a lab that is started without a seed takes a draw that is warm"
"$LABRUN" start "$scenario" --driver "$driver" --name "warm-$$" --json >"$work/start.json"
labs=("warm-$$")
drawn=$(json_member "$work/start.json" seed)
variants=$("$LABRUN" info "$scenario" --json | /usr/bin/python3 -c \
    'import json, sys; print(json.load(sys.stdin)["variants"])')
warm=no
for seed; do
    [ $((drawn % variants)) -ne $((seed % variants)) ] || warm=yes
done
[ "$warm" = yes ] || fail "seed $drawn is of a variant that was not warm"

note "a script that leaves a process with what was drawn behind is refused"
copy=$work/${scenario##*/}
cp -r "$scenario" "$copy"
sed -i '$a setsid sleep 600 </dev/null >/dev/null 2>&1 &' "$copy/faults/greeter.sh"
status=0
out=$("$LABRUN" build "$copy" --driver "$driver" --seed "$1" 2>&1) || status=$?
[ "$status" -eq 4 ] || fail "exit status $status: $out"
contains "$out" "processes that still know what was drawn"
