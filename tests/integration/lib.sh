# Shared by the integration scripts. Each gets LABRUN (the program) and runs from the top folder.
# shellcheck shell=bash
set -euo pipefail

: "${LABRUN:?the program under test}"
export LABRUN_STATE_DIR=${LABRUN_TEST_STATE:-/var/tmp/labrun-tests}
export LABRUN_IMAGE_PATH=$PWD/images
export NO_COLOR=1

note() {
    printf -- '-- %s\n' "$*" >&2
}

fail() {
    printf 'FAIL: %s\n' "$*" >&2
    exit 1
}

skip() {
    printf 'SKIP: %s\n' "$*" >&2
    exit 77
}

# expect STATUS COMMAND...: runs it and insists on its exit status.
expect() {
    local want=$1 got=0
    shift
    "$@" || got=$?
    [ "$got" -eq "$want" ] || fail "exit status $got where $want was due: $*"
}

# contains TEXT PATTERN: an extended regular expression is found in the text.
contains() {
    grep -qE -- "$2" <<<"$1" || fail "no '$2' in: $1"
}

# Ids of the checks and guards with a verdict, in order, from a score file.
with_verdict() {
    /usr/bin/python3 - "$1" "$2" <<'PY'
import json, sys
score = json.load(open(sys.argv[1]))
print(" ".join(c["id"] for c in score["checks"] + score["guards"] if c["verdict"] == sys.argv[2]))
PY
}

json_member() {
    /usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"
}

# The attempt of a lab, as it is kept.
attempt_dir() {
    local dir
    dir=$(printf '%s\n' "$LABRUN_STATE_DIR/attempts/$1-"* | tail -n 1)
    [ -e "$dir/events.jsonl" ] || fail "no attempt of lab '$1'"
    printf '%s\n' "$dir"
}

# domain_id DRIVER LAB NODE: libvirt's number of the node as it runs now; another start, another one.
domain_id() {
    virsh -c "$1:///system" -q domid "labrun-$2.$3"
}

# What was drawn for a lab, NAME=value a line, from its own record.
drawn() {
    /usr/bin/python3 - "$LABRUN_STATE_DIR/labs/$1/lab.json" <<'PY'
import json, sys
for pair in json.load(open(sys.argv[1])).get("draw", {"parameters": {}})["parameters"].items():
    print("%s=%s" % pair)
PY
}

# What a lab of this name has on the host: domains, networks, mounts, folders, processes.
traces() {
    { virsh -c lxc:///system -q list --all --name; virsh -c qemu:///system -q list --all --name
      virsh -c lxc:///system -q net-list --all --name
      virsh -c qemu:///system -q net-list --all --name; } 2>/dev/null | grep -F -- "labrun-$1." || true
    grep -F "$LABRUN_STATE_DIR/labs/$1/" /proc/self/mountinfo || true
    ls -d "$LABRUN_STATE_DIR/labs/$1" 2>/dev/null || true
    pgrep -af "labrun-$1[.]" | grep -v pgrep || true
}

nothing_left() {
    local left
    left=$(traces "$1")
    [ -z "$left" ] || fail "lab '$1' left behind: $left"
}
