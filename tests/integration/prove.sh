#!/bin/bash
# A scenario is fair. What the branches that were not proven saw is shown.
#   prove.sh SCENARIO DRIVER [OPTION...]
. tests/integration/lib.sh

scenario=$1 driver=$2
shift 2
status=0
"$LABRUN" prove "$scenario" --driver "$driver" --json "$@" >"/tmp/prove-$$.json" || status=$?
/usr/bin/python3 - "/tmp/prove-$$.json" <<'PY'
import json, os, sys

def show(branch):
    print("%-40s %s" % (branch["branch"], branch["verdict"]), branch.get("why") or "")
    kept = branch.get("kept_in")
    path = os.path.join(kept, "score.json") if kept else ""
    if not os.path.exists(path):
        return
    score = json.load(open(path))
    for check in score["checks"] + score["guards"]:
        print("   ", check["id"], check["verdict"], (check["evidence"] or {}).get("seen"))

for proof in json.load(open(sys.argv[1])):
    for branch in proof["branches"]:
        show(branch)
PY
rm -f "/tmp/prove-$$.json"
exit "$status"
