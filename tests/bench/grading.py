"""Grading against its slowest check, and against other tools that ask the same over ssh."""
import json
import pathlib
import shutil
import sys

from bench import whole
from measure import Run, ratio, run

SLOWEST_S = 1.0


def command(i, n):
    """Checks of 1/N to N/N of the slowest; none of them is a mere sleep."""
    return f"sleep {SLOWEST_S * (i + 1) / n:.2f} && systemctl is-active --quiet ssh.service"


def checks(n):
    def lines(names):
        made = [f"  - {{id: c{i}, title: Check {i}, skill: linux, points: 1, "
                f"node: {names[i % len(names)]}, probe: {{command: {{run: \"{command(i, n)}\"}}}}}}"
                for i in range(n)]
        return made + whole(names, 100 - n)
    return lines


def _slowest(config):
    """The floor: the slowest check alone, by plain ssh."""
    return run(["ssh", "-F", str(config), "n1", command(0, 1)]).wall_s


def _grade(b, lab, n):
    done, score = b.grade(lab, ok=(1,))
    passed = [c for c in score["checks"] if c["verdict"] == "pass"]
    assert len(passed) == n, f"{len(passed)} of {n} checks passed"
    return {"wall_s": done.wall_s, "cpu_s": done.cpu_s, "peak_mib": done.peak_mib}


def _ansible(b, config, names, n):
    """One play for each node, all nodes at once, kept connections: Ansible at its best."""
    playbook = pathlib.Path(b.work, "play.yaml")
    tasks = {node: [command(i, n) for i in range(n) if names[i % len(names)] == node]
             for node in names}
    playbook.write_text(json.dumps([{
        "hosts": "all", "gather_facts": False, "strategy": "free", "tasks": [
            {"ansible.builtin.command": {"argv": ["sh", "-c", c]}, "changed_when": False,
             "when": f"inventory_hostname == '{node}'"} for node in names for c in tasks[node]]}]))
    env = dict(b.env, ANSIBLE_PIPELINING="1", ANSIBLE_HOST_KEY_CHECKING="1",
               ANSIBLE_SSH_ARGS=f"-F {config} -o ControlMaster=auto -o ControlPersist=60s "
                                f"-o ControlPath={b.work}/cm-%C",
               ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3")
    done = run(["ansible-playbook", "-f", str(len(names)), "-i", ",".join(names) + ",",
                str(playbook)], env=env)
    return {"wall_s": done.wall_s, "cpu_s": done.cpu_s}


TESTINFRA = """
import testinfra, concurrent.futures, json, sys
work = json.load(open(sys.argv[1]))
def ask(node):
    host = testinfra.get_host("ssh://" + node, ssh_config=work["config"], controlpersist=60)
    return [host.run(c).rc for c in work["commands"][node]]
with concurrent.futures.ThreadPoolExecutor(len(work["commands"])) as pool:
    assert all(rc == 0 for codes in pool.map(ask, work["commands"]) for rc in codes)
"""


def _testinfra(b, config, names, n):
    """A thread for each node and a kept connection: more than its pytest plugin does."""
    work = pathlib.Path(b.work, "testinfra.json")
    work.write_text(json.dumps({"config": str(config), "commands": {
        node: [command(i, n) for i in range(n) if names[i % len(names)] == node]
        for node in names if names.index(node) < n}}))
    done = run([sys.executable, "-c", TESTINFRA, str(work)], env=b.env)
    return {"wall_s": done.wall_s, "cpu_s": done.cpu_s}


def _have(module):
    return Run([sys.executable, "-c", f"import {module}"], ok=(0, 1)).finish().process.returncode == 0


def others(rows):
    found = {}
    if shutil.which("ansible-playbook"):
        found["ansible"] = _ansible
    else:
        rows.missing("grade", "ansible", "package ansible-core is not installed")
    if _have("testinfra"):
        found["testinfra"] = _testinfra
    else:
        rows.missing("grade", "testinfra", "package python3-testinfra is not installed")
    return found


def grading(b, rows):
    counts = (1, 5, 20) if b.quick else (1, 5, 20, 50)
    times = 2 if b.quick else 3
    table, asked = {}, others(rows)
    for n in counts:
        folder = b.make_scenario(f"grade-{n}", 3, checks(n), image="router")
        names, lab = ["n1", "n2", "n3"], b.name()
        try:
            b.start(folder, lab)
            config = pathlib.Path(b.work, "ssh-config")
            config.write_text(b.command("ssh-config", lab).out)
            ours, floor = [], []
            for _ in range(times):
                floor.append(_slowest(config))
                ours.append(_grade(b, lab, n))
            table[n] = {"labrun": min(ours, key=lambda s: s["wall_s"]),
                        "slowest_check_s": min(floor)}
            rows.add(f"grade of {n} checks on 3 nodes", "its slowest check",
                     ratio([(o["wall_s"], f) for o, f in zip(ours, floor)]), budget=1.2)
            for name, ask in asked.items():
                theirs = [ask(b, config, names, n) for _ in range(times)]
                table[n][name] = min(theirs, key=lambda s: s["wall_s"])
                rows.add(f"grade of {n} checks on 3 nodes", name,
                         ratio([(o["wall_s"], t["wall_s"]) for o, t in zip(ours, theirs)]))
        finally:
            b.stop(lab)
    return table
