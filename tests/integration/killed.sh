#!/bin/bash
# kill -9 and ctrl-C at instants spread over a start, and kill -9 over the reset of a node, over a power cut
# and over the build of a stage; then the next command mends it.
#   killed.sh SCENARIO DRIVER ROUNDS NODE
. tests/integration/lib.sh

scenario=$1 driver=$2 rounds=$3 node=$4
# The last event that moves the candidate's clock sets it going.
clock_runs() {
    local last
    last=$(grep -oE '"kind":"(ready|resume|pause|reset|hold|close)"' "$(attempt_dir "$1")/events.jsonl" |
        tail -n 1)
    [[ $last == *ready* || $last == *resume* ]] || fail "the candidate's clock stands: $last"
}

nap() { # milliseconds
    sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
}

"$LABRUN" build "$scenario" --driver "$driver"
begin=$(date +%s%N)
"$LABRUN" start "$scenario" --driver "$driver" --name "whole-$$" >/dev/null
took=$((($(date +%s%N) - begin) / 1000000))
"$LABRUN" stop "whole-$$"
note "a start takes $took ms"

for round in $(seq "$rounds"); do
    lab=killed-$$-$round
    after=$((took * round / (rounds + 1)))
    signal=KILL
    [ $((round % 3)) -ne 0 ] || signal=INT
    note "round $round: $signal after $after ms"
    "$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null 2>"/tmp/$lab.err" &
    pid=$!
    nap "$after"
    kill "-$signal" "$pid" 2>/dev/null || true
    status=0
    wait "$pid" || status=$?
    if [ "$signal" = INT ] && [ "$status" -ne 0 ]; then
        [ "$status" -eq 130 ] || fail "exit status $status after ctrl-C: $(cat "/tmp/$lab.err")"
        nothing_left "$lab"
    fi
    case $((round % 3)) in
    0) "$LABRUN" gc >/dev/null ;;
    1) "$LABRUN" stop "$lab" 2>/dev/null || "$LABRUN" gc >/dev/null ;;
    2) "$LABRUN" start "$scenario" --driver "$driver" --name "next-$$" >/dev/null
       "$LABRUN" stop "next-$$" ;;
    esac
    "$LABRUN" stop "$lab" 2>/dev/null || true # it may have been whole already
    nothing_left "$lab"
    rm -f "/tmp/$lab.err"
done

lab=reset-$$
trap '"$LABRUN" stop "$lab" 2>/dev/null || true' EXIT
"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null
begin=$(date +%s%N)
"$LABRUN" reset "$lab" --node "$node"
took=$((($(date +%s%N) - begin) / 1000000))
note "a reset of node '$node' takes $took ms"
for round in $(seq "$rounds"); do
    after=$((took * round * round / ((rounds + 1) * (rounds + 1)))) # most is done early
    note "round $round: KILL after $after ms"
    "$LABRUN" ssh "$lab" "$node" -- touch /root/mark
    "$LABRUN" reset "$lab" --node "$node" 2>"/tmp/$lab.err" &
    pid=$!
    nap "$after"
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || true
    "$LABRUN" gc >/dev/null # must leave it alone
    case $((round % 2)) in
    0) "$LABRUN" reset "$lab" ;;
    1) "$LABRUN" reset "$lab" --node "$node" ;;
    esac
    clock_runs "$lab"
    expect 1 "$LABRUN" ssh "$lab" "$node" -- test -e /root/mark
done
for round in 1 2 3 4; do
    after=$((round * round * 25))
    note "round $round: KILL $after ms into a power cut"
    "$LABRUN" grade "$lab" --after-reboot >/dev/null 2>"/tmp/$lab.err" &
    pid=$!
    until grep -q 'cutting the power' "/tmp/$lab.err"; do
        kill -0 "$pid" || fail "no power cut: $(cat "/tmp/$lab.err")"
        nap 20
    done
    nap "$after"
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || true
    # At once: libvirt may still be ending the node.
    "$LABRUN" ssh "$lab" "$node" -- true
    clock_runs "$lab"
done
# Whoever comes at the same time as another boots nothing twice.
"$LABRUN" ssh "$lab" "$node" -- poweroff 2>/dev/null || true
for who in 1 2 3; do
    "$LABRUN" ssh "$lab" "$node" -- true 2>"/tmp/$lab.err.$who" &
    pids[who]=$!
done
for who in 1 2 3; do
    wait "${pids[who]}" || fail "one of three at once: $(cat "/tmp/$lab.err.$who")"
    rm -f "/tmp/$lab.err.$who"
done
rm -f "/tmp/$lab.err"
expect 1 "$LABRUN" grade "$lab" >/dev/null
"$LABRUN" stop "$lab"
nothing_left "$lab"

"$LABRUN" start "$scenario" --driver "$driver" --name "after-$$" >/dev/null
expect 1 "$LABRUN" grade "after-$$" >/dev/null
"$LABRUN" stop "after-$$"
nothing_left "after-$$"

# A build that follows a killed one is nobody's to undo: others look for killed commands meanwhile.
copy=$(mktemp -d)
cp -r "$scenario/." "$copy/again-$$"
trap '"$LABRUN" stop "$lab" 2>/dev/null || true; rm -rf "$copy"' EXIT
first=$(find "$copy/again-$$/healthy" "$copy/again-$$/faults" -type f | sort | head -n 1)
printf '# %s\n' "$$" >>"$first"
begun() { # PID OF A BUILD
    until grep -q 'waiting for' "/tmp/$lab.err"; do
        kill -0 "$1" 2>/dev/null || fail "the build ended: $(cat "/tmp/$lab.err")"
        nap 20
    done
}
"$LABRUN" build "$copy/again-$$" --driver "$driver" 2>"/tmp/$lab.err" &
pid=$!
begun "$pid"
kill -KILL "$pid"
wait "$pid" || true
note "a build was killed; another one, and a gc beside it"
begin=$(date +%s%N)
"$LABRUN" build "$copy/again-$$" --driver "$driver" 2>"/tmp/$lab.err" &
pid=$!
begun "$pid"
"$LABRUN" gc >/dev/null 2>&1
kill -0 "$pid" 2>/dev/null || fail "the build was over too soon for this test: $(cat "/tmp/$lab.err")"
wait "$pid" || fail "the second build: $(cat "/tmp/$lab.err")"
took=$((($(date +%s%N) - begin) / 1000000))
note "the stages take $took ms"
# All over the making of both: nodes, scripts, probes, freezing, the move to its place.
for round in $(seq "$rounds"); do
    after=$((took * round / (rounds + 1)))
    note "round $round: KILL $after ms into a build"
    printf '# round %s\n' "$round" >>"$first" # stages that nobody has
    "$LABRUN" build "$copy/again-$$" --driver "$driver" 2>"/tmp/$lab.err" &
    pid=$!
    nap "$after"
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || true
    [ $((round % 3)) -ne 0 ] || "$LABRUN" gc >/dev/null
done
"$LABRUN" start "$copy/again-$$" --driver "$driver" --name "last-$$" >/dev/null
expect 1 "$LABRUN" grade "last-$$" >/dev/null
"$LABRUN" stop "last-$$"
nothing_left "last-$$"
rm -f "/tmp/$lab.err"
"$LABRUN" gc >/dev/null
