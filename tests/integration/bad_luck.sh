#!/bin/bash
# Bad input and bad luck, as users meet them: each gets one clear message with the next step and its
# exit status, and leaves nothing behind.
#   bad_luck.sh SCENARIO DRIVER NODE
. tests/integration/lib.sh

scenario=$1 driver=$2 node=$3
lab=luck-$driver-$$
work=$(mktemp -d)
cleanup() {
    "$LABRUN" stop "$lab" 2>/dev/null || true
    if mountpoint -q "$work/full"; then
        rm -f "$work/full/ballast"
        LABRUN_STATE_DIR=$work/full "$LABRUN" stop "$lab" 2>/dev/null || true
        umount -R "$work/full"
    fi
    virsh -c lxc:///system -q net-undefine "labrun-$lab.foreign" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT

# says STATUS PATTERN COMMAND...: ends with the status, and says (on stderr) what matches; it is in $out.
says() {
    local want=$1 pattern=$2 got=0
    shift 2
    out=$("$@" 2>&1 >/dev/null) || got=$?
    [ "$got" -eq "$want" ] || fail "exit status $got where $want was due: $*: $out"
    tr '\n' ' ' <<<"$out" | grep -qE -- "$pattern" || fail "no '$pattern' in: $out"
}

# spoil NAME: a copy of the scenario to be changed; its path in $copy.
spoil() {
    copy=$work/$1
    cp -r "$scenario" "$copy"
}

note "names that there are not"
says 64 "no scenario 'scenario/nope'.*known scenarios" "$LABRUN" start scenario/nope
says 64 "no lab 'nolab'.*labrun status" "$LABRUN" ssh nolab
says 64 "unknown driver 'xen'|lxc, qemu|auto, qemu" "$LABRUN" start "$scenario" --driver xen

note "a file that is wrong"
spoil wrong
sed -i 's/^title:/titel:/' "$copy/scenario.yaml"
says 65 "scenario.yaml:[0-9]+:[0-9]+: unknown key 'titel'.*did you mean 'title'" \
    "$LABRUN" start "$copy" --driver "$driver" --name "$lab"
nothing_left "$lab"

note "no libvirt"
says 69 "Failed to connect.*labrun doctor" unshare -m sh -c \
    'mount -t tmpfs none /run/libvirt; exec "$@"' sh \
    "$LABRUN" start "$scenario" --driver "$driver" --name "$lab"
nothing_left "$lab"

note "no root"
cp "$LABRUN" "$work/labrun"
cp -r "$scenario" "$work/readable" # a checkout in root's home is not
chmod a+rX "$work" "$work/labrun"
chmod -R a+rX "$work/readable"
case $driver in
lxc) says 69 "containers need root.*labrun doctor" \
    setpriv --reuid=65534 --regid=65534 --clear-groups env LABRUN_STATE_DIR="$work/nobody" \
    "$work/labrun" start "$work/readable" --driver lxc ;;
esac

note "a trial of the doctor's that was killed, and one that goes on"
if [ "$driver" = lxc ]; then
    killed=$(mktemp -d /var/tmp/labrun-doctor-XXXXXX)
    alive=$(mktemp -d /var/tmp/labrun-doctor-XXXXXX)
    mkdir "$killed/lower" "$alive/lower"
    exec 9<"$alive"
    flock 9
    LABRUN_STATE_DIR="/var/tmp/nothing-yet-$$" "$LABRUN" doctor >/dev/null || [ $? = 3 ] # of warnings
    [ ! -e "$killed" ] || fail "$killed is still there"
    [ -e "$alive/lower" ] || fail "$alive was taken from who holds it"
    exec 9<&-
    rm -r "$alive"
fi

note "a script that fails, when the system is made"
spoil unhealthy
printf '#!/bin/sh\necho first; echo "the disk is missing" >&2; exit 3\n' >"$copy/healthy/hello.sh"
says 4 "healthy/hello.sh. on node .$node.: exit status 3.*the disk is missing.*logs/stage-" \
    "$LABRUN" start "$copy" --driver "$driver" --name "$lab"
nothing_left "$lab"

note "a script that fails, when it is broken"
spoil unbroken
printf '#!/bin/sh\nkill -9 $$\n' >"$copy/faults/hello.sh"
says 4 "fault 'hello'.*on node '$node': exit status 137.*Killed" "$LABRUN" start "$copy" --driver "$driver" --name "$lab"
nothing_left "$lab"

note "symptoms that do not come"
spoil sound
sed -i '/^  broken:/,/^hints:/s/within: 30s/within: 1s/; /^  broken:/,/^hints:/s/! systemctl is/systemctl is/' \
    "$copy/scenario.yaml"
echo "# $lab" >>"$copy/faults/hello.sh" # no stage of before will do
says 4 "on node '$node' did not come true.*saw.*ready" \
    "$LABRUN" start "$copy" --driver "$driver" --name "$lab"
contains "$out" "breaking it .2 of 2." # and who waits is not told what that is
[[ $out != *faults/* && $out != *"fault '"* ]] || fail "the progress tells what is broken: $out"
nothing_left "$lab"

note "a disk that is full"
mkdir "$work/full"
mount -t tmpfs -o size=24m none "$work/full"
mkdir "$work/full/images"
mount --bind "$LABRUN_STATE_DIR/images" "$work/full/images"
fill() {
    head -c 100M /dev/zero >"$work/full/ballast" 2>/dev/null || true
}
fill
says 4 "No space left on device" \
    env LABRUN_STATE_DIR="$work/full" "$LABRUN" start "$scenario" --driver "$driver" --name "$lab"
LABRUN_STATE_DIR=$work/full nothing_left "$lab"
rm "$work/full/ballast"
if [ "$driver" = lxc ]; then
    LABRUN_STATE_DIR=$work/full "$LABRUN" start "$scenario" --driver lxc --name "$lab" >/dev/null
    fill # and what stands can still be ended
    LABRUN_STATE_DIR=$work/full "$LABRUN" stop "$lab"
    LABRUN_STATE_DIR=$work/full nothing_left "$lab"
fi
umount "$work/full/images"
umount "$work/full"

note "a mirror that does not answer"
mkdir -p "$work/apt/sources.list.d"
echo 'deb http://127.0.0.1:9/debian bookworm main' >"$work/apt/sources.list"
# shellcheck disable=SC2016  # the inner shell expands it
says 4 "image 'mini'.*(127.0.0.1:9|Connection refused).*logs/image-mini" \
    unshare -m sh -c 'mount --bind "$0/sources.list.d" /etc/apt/sources.list.d
        if [ -e /etc/apt/sources.list ]; then mount --bind "$0/sources.list" /etc/apt/sources.list
        else cp "$0/sources.list" /etc/apt/sources.list.d/; fi; exec "$@"' "$work/apt" \
    env LABRUN_STATE_DIR="$work/empty" "$LABRUN" start "$scenario" --driver "$driver" --name "$lab"
[ -z "$(find "$work/empty/images" -mindepth 1 -not -name .lock)" ] ||
    fail "the failed build left: $(find "$work/empty/images" -mindepth 1 -maxdepth 2)"

note "gc where nothing has ever been"
contains "$(LABRUN_STATE_DIR=$work/never "$LABRUN" gc)" "nothing to remove"

note "no name of a lab is that of another lock"
for name in stages networks lxc-uids; do
    timeout 600 "$LABRUN" start "$scenario" --driver "$driver" --name "$name" >/dev/null
    timeout 60 "$LABRUN" stop "$name"
    nothing_left "$name"
done

note "what gc undoes, it names"
mkdir "$LABRUN_STATE_DIR/labs/$lab" # its command was killed before anything was made
contains "$("$LABRUN" gc)" "removed lab $lab"
nothing_left "$lab"

note "what bears our prefix and is not ours"
virsh -c lxc:///system -q net-define /dev/stdin <<XML
<network><name>labrun-$lab.foreign</name><bridge name='lrforeign0'/></network>
XML
"$LABRUN" gc >/dev/null
virsh -c lxc:///system -q net-info "labrun-$lab.foreign" >/dev/null || fail "a foreign network was removed"
virsh -c lxc:///system -q net-undefine "labrun-$lab.foreign"

note "a stage that stands on what was built anew"
"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null
"$LABRUN" stop "$lab"
healthy=$(dirname "$(grep -l '"kind": "healthy"' "$LABRUN_STATE_DIR"/stages/*/stage.json |
    xargs grep -l "\"scenario\": \"$(basename "$scenario")\"" |
    xargs grep -l "\"driver\": \"$driver\"" | head -n 1)")
sed -i 's/"made": "/"made": "another-/' "$healthy/stage.json"
"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null 2>"$work/start.err"
contains "$(cat "$work/start.err")" 'built again: what it stands on was built anew'

"$LABRUN" stop "$lab"

note "a stage of which something was cut off"
"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null
stage=$LABRUN_STATE_DIR/stages/$(json_member "$LABRUN_STATE_DIR/labs/$lab/lab.json" stage)
"$LABRUN" stop "$lab"
case $driver in
lxc) victim=$(find "$stage/$node/upper" -type f -size +0 | head -n 1) ;;
qemu) victim=$stage/$node/ram ;;
esac
truncate -s -1 "$victim"
"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null 2>"$work/start.err"
contains "$(cat "$work/start.err")" 'cannot be used and is built again'

note "a stage that is damaged under a lab"
sed -i 's/"made": "/"made": "another-/' "$healthy/stage.json"
says 4 "built anew.*lab '$lab' stands on it.*labrun stop $lab" \
    "$LABRUN" start "$scenario" --driver "$driver" --name "$lab-2"
nothing_left "$lab-2"
"$LABRUN" stop "$lab"

note "a node that no longer answers"
"$LABRUN" start "$scenario" --driver "$driver" --name "$lab" >/dev/null
says 64 "no node 'boxx'.*did you mean 'box'|no node 'boxx'" "$LABRUN" ssh "$lab" boxx -- true
"$LABRUN" ssh "$lab" "$node" -- systemctl stop ssh.socket ssh.service || true
grade=$work/grade.json
expect 4 "$LABRUN" grade "$lab" --json "$grade" >/dev/null
[ "$(json_member "$grade" gradable)" = False ] || fail "a grade of a node that does not answer"

note "a bridge that somebody removed"
# The segment's name is the lab's, a point and the network's.
segment=$(virsh -c lxc:///system net-list --all --name | grep "^labrun-$lab\.")
bridge=$(virsh -c lxc:///system net-info "$segment" | awk '/^Bridge:/ { print $2 }')
ip link delete "$bridge"
says 0 "" "$LABRUN" reset "$lab"
"$LABRUN" ssh "$lab" "$node" -- ping -q -c 1 -W 5 10.9.0.2 >/dev/null || fail "the segment is not whole again"
[ "$(cat "/sys/class/net/$bridge/bridge/multicast_snooping")" = 0 ] || fail "the new bridge snoops"

note "a lab whose file is damaged is nobody's to end"
file=$LABRUN_STATE_DIR/labs/$lab/lab.json
cp -p "$file" "$work/lab.json"
id=$(domain_id "$driver" "$lab" "$node")
stages=$(ls "$LABRUN_STATE_DIR/stages")
head -c 100 "$work/lab.json" >"$file"
says 0 "stages and images are left alone.*$lab" "$LABRUN" gc
[ "$(domain_id "$driver" "$lab" "$node")" = "$id" ] || fail "gc ended a lab that it could not read"
[ "$(ls "$LABRUN_STATE_DIR/stages")" = "$stages" ] || fail "gc removed a stage that may be in use"
says 0 "lab '$lab' is left out" "$LABRUN" status
cp -p "$work/lab.json" "$file"
says 0 "" "$LABRUN" stop "$lab"
nothing_left "$lab"
