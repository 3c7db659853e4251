#!/bin/bash
# The candidate's desk: all that a candidate needs of one lab, and no way to the rest of the host; by
# lines, as the command of a key in a real sshd, and on a terminal.
#   desk.sh SCENARIO DRIVER NODE WITNESS
. tests/integration/lib.sh

scenario=$1 driver=$2 node=$3 witness=$4
lab=desk-$driver-$$
work=$(mktemp -d)
cleanup() {
    if [ -s "$work/pid" ]; then
        kill "$(cat "$work/pid")" 2>/dev/null || true
    fi
    "$LABRUN" stop "$lab" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

# says STATUS PATTERN LINE: what the desk answers to one line.
says() {
    local got=0 out
    out=$(SSH_ORIGINAL_COMMAND=$3 "$LABRUN" desk "$lab" 2>&1 </dev/null) || got=$?
    [ "$got" -eq "$1" ] || fail "exit status $got where $1 was due: $3: $out"
    contains "$out" "$2"
}

"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null

note "line by line"
says 0 "nodes:|^# |Two machines" brief
says 0 "$lab" status
says 0 "^$node\$" "ssh $node hostname"
says 0 "^a c\$" "ssh $node echo a; echo b | tr b c | xargs echo a | tail -n 1"
says 7 "" "ssh $node exit 7"
says 1 "not passed" grade
says 64 "hint 1 of" hint
says 0 "Hint 1 of" "hint --yes"
says 64 "wants --yes" finish
says 0 "grade \[--after-reboot\]" help
says 0 '^--help$' "ssh $node -- echo --help" # there
says 0 "$lab" "labrun status $lab" # as the briefing has it
says 0 "^$node\$" "labrun ssh $lab $node hostname"
expect 1 "$LABRUN" desk "$lab" <<END >"$work/out" 2>&1
ssh $node echo first
nonsense

grade
END
contains "$(cat "$work/out")" '^first$'
contains "$(cat "$work/out")" "there is no 'nonsense' here"
contains "$(cat "$work/out")" 'not passed'

head -c 10000 /dev/zero | tr '\0' x | sed "s/^/ssh $node echo /" >"$work/long"
expect 64 "$LABRUN" desk "$lab" <"$work/long" >"$work/out" 2>&1
contains "$(cat "$work/out")" 'a line of more than'

note "nothing else"
for line in list report results start stop "info --full" desk sh /bin/sh 'brief; id' "grade --json $work/made" \
    "grade --html=$work/made" "status --state-dir /" "ssh -- id" "hint --yes other" "brief other" \
    "grade other" "reset --node $node" "internal-sftp" \
    'scp -t /tmp'; do
    got=0
    SSH_ORIGINAL_COMMAND=$line "$LABRUN" desk "$lab" >"$work/out" 2>&1 </dev/null || got=$?
    [ "$got" -eq 64 ] || fail "exit status $got: $line: $(cat "$work/out")"
done
[ ! -e "$work/made" ] || fail "a file was written"
says 64 "witness" "ssh $witness id"

note "by a key, through sshd"
# sshd wants a folder of its own, and nobody but root to write to where the keys are.
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
echo "restrict,pty,command=\"env LABRUN_STATE_DIR=$LABRUN_STATE_DIR LABRUN_IMAGE_PATH=$LABRUN_IMAGE_PATH $LABRUN desk $lab\"" \
    "$(cat "$work/key.pub")" >"$work/authorized"
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/sshd.conf" <<END
ListenAddress 127.0.0.1:$port
HostKey $work/host
PidFile $work/pid
AuthorizedKeysFile $work/authorized
StrictModes no
UsePAM no
PermitRootLogin forced-commands-only
Subsystem sftp internal-sftp
END
/usr/sbin/sshd -f "$work/sshd.conf" -E "$work/sshd.log"
echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$work/host.pub")" >"$work/known"
in=(-o "UserKnownHostsFile=$work/known" -o "IdentityFile=$work/key" -o IdentitiesOnly=yes
    -o BatchMode=yes -F none)
over() {
    ssh "${in[@]}" -p "$port" root@127.0.0.1 "$@"
}
for _ in $(seq 100); do # sshd says nowhere that it listens
    ! over status >"$work/out" 2>&1 || break
    sleep 0.1
done
over status >/dev/null || fail "no way in: $(cat "$work/out" "$work/sshd.log")"
[ "$(over "ssh $node hostname")" = "$node" ] || fail "no command through the desk"
expect 64 over id 2>/dev/null
! scp -q "${in[@]}" -P "$port" "$work/known" root@127.0.0.1:"$work/copied" 2>/dev/null || fail "a file was copied"
[ ! -e "$work/copied" ] || fail "a file was copied"
# The candidate's own ssh, through the desk.
cp "$LABRUN_STATE_DIR/labs/$lab/keys/candidate" "$LABRUN_STATE_DIR/labs/$lab/known_hosts" "$work"
[ "$(ssh -F none -i "$work/candidate" -o IdentitiesOnly=yes -o BatchMode=yes -o "UserKnownHostsFile=$work/known_hosts" \
    -o "HostKeyAlias=$lab-$node" -o "ProxyCommand=ssh ${in[*]} -p $port root@127.0.0.1 proxy $node" \
    "root@$node" hostname)" = "$node" ] || fail "no way through 'proxy'"

note "on a terminal: neither ctrl-Z nor ctrl-C leads out of it"
/usr/bin/python3 - "$LABRUN" "$lab" "$node" <<'PY'
import os, pty, re, select, signal, sys, time

labrun, lab, node = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:  # a shell with job control, as it were: what stops is told
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(labrun, [labrun, "desk", lab])
    _, status = os.waitpid(job, os.WUNTRACED)
    os._exit(99 if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status))

seen = b""


def expect(pattern):
    global seen
    end = time.monotonic() + 60
    while not (found := re.search(pattern, seen)):
        left = end - time.monotonic()
        if left <= 0 or not select.select([fd], [], [], left)[0]:
            sys.exit("no %r in %r" % (pattern, seen))
        try:
            seen += os.read(fd, 4096)
        except OSError:
            sys.exit("no %r, and the end after %r" % (pattern, seen))
    seen = seen[found.end():]


prompt = (lab + "> ").encode()
expect(prompt)
os.write(fd, b"\x1a\x03\x1c")
os.write(fd, b"help\n")
expect(rb"leave; the lab goes on")
expect(prompt)
os.write(fd, ("ssh %s\n" % node).encode())
expect(rb"[#$] ")
os.write(fd, b"sleep 100\n")
expect(rb"sleep 100")
os.write(fd, b"\x03")
expect(rb"[#$] ")
os.write(fd, b"exit 3\n")
expect(prompt)
os.write(fd, b"finish\n")
expect(rb"Go on\? \[y/N\] ")
os.write(fd, b"n\n")
expect(rb"nothing was done")
expect(prompt)
os.write(fd, b"exit\n")
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
PY

note "a client that has gone is noticed"
mkfifo "$work/fifo"
SSH_ORIGINAL_COMMAND="ssh $node sleep 600" "$LABRUN" desk "$lab" </dev/null >"$work/fifo" 2>/dev/null &
desk=$!
exec 9<"$work/fifo"
until pgrep -P "$desk" >/dev/null; do
    kill -0 "$desk" || fail "the desk has ended"
done
exec 9<&-
wait "$desk" && fail "a command without a reader" || [ $? -eq 141 ] || fail "another status than SIGPIPE's"

note "the end, and another lab of that name"
attempt=$(basename "$(attempt_dir "$lab")")
[ "$(SSH_ORIGINAL_COMMAND="ssh $node hostname" "$LABRUN" desk "$attempt")" = "$node" ] || fail "not by its attempt"
says 1 "not passed" "finish --yes"
nothing_left "$lab"
"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null
got=0
SSH_ORIGINAL_COMMAND=status "$LABRUN" desk "$attempt" >"$work/out" 2>&1 || got=$?
[ "$got" -eq 2 ] || fail "exit status $got: $(cat "$work/out")"
contains "$(cat "$work/out")" 'has ended'
