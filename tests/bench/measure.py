"""What a lab costs, read from the host: processor time and memory of all its processes."""
import os
import resource
import signal
import statistics
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def processes():
    """pid -> (parent, CPU seconds with those of children that have ended)."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICK)
    return found


def tree(roots):
    """The pids of ROOTS and of all below them, with the CPU seconds of each."""
    table = processes()
    children = {}
    for pid, (parent, _) in table.items():
        children.setdefault(parent, []).append(pid)
    todo, seen = [p for p in roots if p in table], {}
    while todo:
        pid = todo.pop()
        if pid not in seen:
            seen[pid] = table[pid][1]
            todo += children.get(pid, [])
    return seen


def _domains(driver, lab):
    """The domains of a lab that run, and the connection they are on."""
    uri = f"{driver}:///system"
    listed = subprocess.run(["virsh", "-c", uri, "-q", "list", "--name"], text=True,
                            capture_output=True, check=True).stdout.split()
    ours = [n for n in listed if n.startswith(f"labrun-{lab}.")]
    if not ours:
        raise RuntimeError(f"libvirt knows no domain of lab '{lab}'")
    return uri, ours


def domain_pids(driver, lab):
    """The process behind each domain of a lab: a container's controller, or an emulator."""
    uri, ours = _domains(driver, lab)
    if driver == "qemu":
        return [int(open(f"/run/libvirt/qemu/{n}.pid", encoding="ascii").read()) for n in ours]
    return [int(subprocess.run(["virsh", "-c", uri, "-q", "domid", n], text=True,
                               capture_output=True, check=True).stdout) for n in ours]


def cut_power(driver, lab):
    """Ends the machines of a lab, whose file systems stay mounted until it is stopped."""
    uri, ours = _domains(driver, lab)
    for name in ours:
        subprocess.run(["virsh", "-c", uri, "-q", "destroy", name], check=True)


def memory(pids):
    """MiB of PSS, of anonymous memory, and of memory that other processes have mapped too."""
    wanted = {"Pss": "pss", "Anonymous": "anonymous", "Shared_Clean": "shared",
              "Shared_Dirty": "shared"}
    total = dict.fromkeys(("pss", "anonymous", "shared"), 0)
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
                for line in f:
                    member = wanted.get(line.partition(":")[0])
                    if member:
                        total[member] += int(line.split()[1]) / 1024
        except OSError:
            continue
    return {k + "_mib": round(v, 1) for k, v in total.items()}


def cost_of_labs(driver, labs):
    found = {}
    for lab in labs:
        found.update(tree(domain_pids(driver, lab)))
    return {"nodes_cpu_s": round(sum(found.values()), 2), **memory(found)}


ALIVE = set()  # processes that nobody has waited for yet


def end_all():
    """They undo what they began."""
    for process in ALIVE:
        process.send_signal(signal.SIGINT)
    for process in ALIVE:
        process.communicate()
    ALIVE.clear()


class Run:
    """A command run to its end: wall seconds, its own CPU seconds, peak memory, output."""

    def __init__(self, argv, env=None, cwd=None, ok=(0,)):
        self.argv, self.ok = argv, ok
        self.began = time.monotonic()
        self.process = subprocess.Popen(argv, env=env, cwd=cwd, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        ALIVE.add(self.process)

    def finish(self):
        """May be called again; the figures are those of its end."""
        if self.process.returncode is not None:
            return self
        # Both pipes are read before the wait; what is written there is short.
        self.out, self.err = self.process.stdout.read(), self.process.stderr.read()
        _, status, usage = os.wait4(self.process.pid, 0)
        ALIVE.discard(self.process)
        self.wall_s = time.monotonic() - self.began
        self.process.returncode = code = os.waitstatus_to_exitcode(status)
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.peak_mib = usage.ru_maxrss / 1024
        if code not in self.ok:
            raise RuntimeError(f"exit status {code}: {' '.join(map(str, self.argv))}\n{self.err}")
        return self


def run(argv, **kwargs):
    return Run(argv, **kwargs).finish()


def ratio(pairs):
    """Median and least of A/B over pairs that were measured one right after the other."""
    each = [a / b for a, b in pairs if b > 0]
    return {"median": round(statistics.median(each), 2), "least": round(min(each), 2),
            "pairs": len(each)}


def summary(samples, members):
    """The median of each member over samples."""
    return {m: round(statistics.median(s[m] for s in samples), 3) for m in members}


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        cpu = f.read()
    model = next((line.split(":", 1)[1].strip() for line in cpu.splitlines()
                  if "model name" in line), "?")
    kvm = os.path.exists("/dev/kvm") and not {"vmx", "svm"}.isdisjoint(cpu.split())
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(pages / 2**30, 1),
            "kernel": os.uname().release, "kvm": kvm,
            "load_at_begin": os.getloadavg()[0],
            "file_limit": resource.getrlimit(resource.RLIMIT_NOFILE)[0]}
