"""The distribution's own ephemeral containers (lxc-copy --ephemeral) of the same root file systems.

Each node's root file system, as a lab of labrun leaves it at a power cut, is copied once to a base
container with the same user namespace and the same number of interfaces. `lxc-copy -e` then makes an
overlay and boots it, one after the other has been told to; the clock stops when every node's ssh
server has sent its first bytes. The base containers live below the benchmark's own folder; of what
LXC leaves in the host's control groups (on a host with both hierarchies it does), the benchmark
removes its own.
"""
import ctypes
import glob
import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time

from measure import cut_power, ratio, run

ROW = ("warm start to ssh", "lxc-copy -e of the same nodes")
ANSWER_S = 60
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
# LXC has moved the first process into a group of its own before it runs: what labinit waits for.
INIT = """#!/bin/sh
exec /sbin/labinit "$@" 3<<go

go
"""


def _base(b, lab, node, uid, folder):
    """A container that lxc-copy can copy, from the mounted root of a node whose power was cut."""
    home = folder / node
    home.mkdir(mode=0o711)
    root = pathlib.Path(b.state, "labs", lab, "nodes", node, "root")
    run(["cp", "-a", "--one-file-system", str(root), str(home / "rootfs")])
    init = home / "rootfs/usr/sbin/bench-init"
    init.write_text(INIT)
    init.chmod(0o755)
    home.joinpath("config").write_text("\n".join([
        f"lxc.rootfs.path = dir:{home}/rootfs", f"lxc.uts.name = {node}",
        f"lxc.idmap = u 0 {uid} 65536", f"lxc.idmap = g 0 {uid} 65536",
        "lxc.init.cmd = /usr/sbin/bench-init", "lxc.namespace.keep = cgroup",
        "lxc.mount.auto = proc:mixed sys:mixed", "lxc.autodev = 1", "lxc.pty.max = 64",
        "lxc.apparmor.profile = unconfined", "lxc.net.0.type = empty", ""]))


def _banner(path, node, deadline):
    """Connects to port 22 in the network namespace of a container, as labrun's driver dials."""
    while time.monotonic() < deadline:
        info = subprocess.run(["lxc-info", "-P", path, "-n", node, "-p", "-H"], text=True,
                              capture_output=True, check=False).stdout.strip()
        if info.isdigit():
            break
        time.sleep(0.02)
    else:
        return False
    with open(f"/proc/{info}/ns/net", "rb") as f:  # of this thread only
        if LIBC.setns(f.fileno(), CLONE_NEWNET) != 0:
            return False
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", 22), timeout=5) as s:
                if s.recv(4):
                    return True
        except OSError:
            time.sleep(0.015)
    return False


def _remove_groups(names):
    for name in names:
        for group in glob.glob(f"/sys/fs/cgroup/**/lxc.*.{name}*", recursive=True):
            try:
                os.rmdir(group)
            except OSError:
                pass


def _once(path, nodes):
    began, deadline, done = time.monotonic(), time.monotonic() + ANSWER_S, {}
    clones = {n: f"bench{os.getpid()}-{n}" for n in nodes}

    def bring_up(node):
        # Where it finds newuidmap, LXC refuses root ranges that /etc/subuid does not name.
        said = subprocess.run([shutil.which("lxc-copy"), "-P", path, "-n", node, "-N",
                               clones[node], "-e", "-B", "overlay", "-d"], text=True,
                              env={"PATH": path}, capture_output=True, check=False)
        ok = said.returncode == 0 and _banner(path, clones[node], deadline)
        done[node] = time.monotonic() - began if ok else said.stderr.strip() or "does not answer"
    threads = [threading.Thread(target=bring_up, args=(n,)) for n in nodes]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for clone in clones.values():
        subprocess.run(["lxc-stop", "-P", path, "-n", clone, "-k"], capture_output=True,
                       check=False)
    _remove_groups(clones.values())
    failed = {n: v for n, v in done.items() if isinstance(v, str)}
    return {"failed": failed} if failed else {"ssh_s": max(done.values())}


def compare(b, rows):
    if not shutil.which("lxc-copy"):
        return rows.missing(*ROW, "package lxc is not installed")
    folder = pathlib.Path(b.work, "lxc-copy")
    folder.mkdir(mode=0o711)
    lab, samples = b.name(), []
    try:
        first = b.start(b.scenario, lab)
        nodes = b.node_names(lab)
        record = json.loads(pathlib.Path(b.state, "labs", lab, "lxc.json").read_text())
        cut_power(b.driver, lab)  # nothing writes while it is copied
        for node in nodes:
            _base(b, lab, node, record["uid_base"], folder)
    finally:
        b.stop(lab)
    for _ in range(2 if b.quick else 3):
        theirs = _once(str(folder), nodes)
        if "failed" in theirs:
            rows.missing(*ROW, "it fails")
            return {"failed": theirs["failed"]}
        lab = b.name()
        try:
            ours = b.start(b.scenario, lab)
        finally:
            b.stop(lab)
        samples.append((ours["ssh_s"], theirs["ssh_s"]))
    rows.add(*ROW, ratio(samples))
    return {"first": first["ssh_s"], "pairs_s": samples}
