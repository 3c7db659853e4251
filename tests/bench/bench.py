"""The program under measurement, and the labs, floors and scenarios it is measured with."""
import json
import os
import pathlib
import shutil
import tempfile

import yaml

from measure import Run, cost_of_labs, domain_pids, end_all, memory, run, tree

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


class Bench:
    def __init__(self, build, quick, driver, scenario):
        self.labrun = f"{build}/harness/cli/labrun"
        self.floor = f"{build}/tests/bench/bench_floor"
        self.attempts = f"{build}/tests/bench/bench_attempts"
        self.quick, self.driver, self.scenario = quick, driver, scenario
        self.env = dict(os.environ, NO_COLOR="1")
        self.env.setdefault("LABRUN_STATE_DIR", "/var/lib/labrun")
        self.env.setdefault("LABRUN_IMAGE_PATH", f"{TOP}/images")
        self.state = self.env["LABRUN_STATE_DIR"]
        self.work = tempfile.mkdtemp(prefix="bench-", dir=self.state)
        os.chmod(self.work, 0o711)
        self.named = 0
        self.labs = set()

    def close(self):
        end_all()
        for lab in sorted(self.labs):
            run([self.labrun, "stop", lab], env=self.env, ok=range(256))
        shutil.rmtree(self.work)

    def command(self, *args, ok=(0,)):
        return run([self.labrun, "-q", *args], env=self.env, ok=ok)

    def name(self):
        self.named += 1
        return f"bench-{os.getpid()}-{self.named}"

    def begin(self, scenario, lab, driver=None, seed=0):
        """Always the same draw, or the floor would stand on another stage than what it is for."""
        self.labs.add(lab)
        return Run([self.labrun, "-q", "start", str(scenario), "--driver", driver or self.driver,
                    "--name", lab, "--seed", str(seed), "--json"], env=self.env)

    def finish(self, started, lab, driver=None):
        """A lab that has been started: seconds to ssh and to its symptoms, and what it cost."""
        started.finish()
        spent = json.loads(started.out)["timings"]
        ends = {p["phase"]: p["at_ms"] + p["took_ms"] for p in spent["phases"]}
        after = started.wall_s - spent["total_ms"] / 1000  # before the clock began, and the end
        return {"ssh_s": ends["ssh"] / 1000 + after, "symptoms_s": started.wall_s,
                "labrun_cpu_s": started.cpu_s, "labrun_peak_mib": started.peak_mib,
                "phases": {p["phase"]: p["took_ms"] for p in spent["phases"]},
                **cost_of_labs(driver or self.driver, [lab])}

    def start(self, scenario, lab, driver=None, seed=0):
        return self.finish(self.begin(scenario, lab, driver, seed), lab, driver)

    def grade(self, lab, ok):
        """What the command took, and its score."""
        done = self.command("grade", lab, "--json", f"{self.work}/score.json", ok=ok)
        return done, json.loads(pathlib.Path(self.work, "score.json").read_text())

    def stop(self, *labs):
        walls = []
        for lab in labs:
            walls.append(self.command("stop", lab).wall_s)
            self.labs.discard(lab)
        return walls[0] if len(walls) == 1 else walls

    def node_names(self, lab):
        record = json.loads(pathlib.Path(self.state, "labs", lab, "lab.json").read_text())
        return [n["name"] for n in record["plan"]["nodes"]]

    def template(self, scenario, driver):
        """What the floor needs of a lab that labrun makes: its plan, and what it stands on."""
        lab = self.name()
        self.start(scenario, lab, driver)
        folder = pathlib.Path(self.state, "labs", lab)
        record = json.loads((folder / "lab.json").read_text())
        kept = {"plan.json": json.dumps(record["plan"]),
                f"{driver}.json": (folder / f"{driver}.json").read_text()}
        self.stop(lab)
        return {"lab": lab, "driver": driver, "files": kept,
                "stage": f"{self.state}/stages/{record['stage']}"}

    def floor_start(self, template, cold=False):
        """The floor, from exec to the last node's ssh banner; the machines are ended again."""
        folder = pathlib.Path(self.work, "floor")
        folder.mkdir(mode=0o711)
        for name, text in template["files"].items():
            (folder / name).write_text(text)
        argv = [self.floor, template["driver"], str(folder), template["stage"]]
        try:
            done = run(argv + (["--cold"] if cold else []), env=self.env)
            found = tree(domain_pids(template["driver"], template["lab"]))
            return {"ssh_s": done.wall_s, "labrun_cpu_s": done.cpu_s,
                    "nodes_cpu_s": round(sum(found.values()), 2), **memory(found)}
        finally:
            run(argv + ["--end"], env=self.env)
            shutil.rmtree(folder)

    def make_copy(self, scenario):
        """The same scenario with stages of its own, which do not exist yet."""
        source = pathlib.Path(scenario).resolve()
        folder = pathlib.Path(self.work, "copy", source.name)
        shutil.copytree(source, folder)
        if (source.parent / "kits").is_dir():
            shutil.copytree(source.parent / "kits", folder.parent / "kits")
        step = yaml.safe_load((folder / "scenario.yaml").read_text())["healthy"][0]["script"]
        own = folder / step
        script = own if own.exists() else folder.parent / "kits" / step
        script.write_text(f"{script.read_text()}\n# {self.work}\n")
        return folder

    def make_scenario(self, name, nodes, checks, image="mini"):
        """NODES small machines on one segment, one fault on each, CHECKS (YAML lines)."""
        folder = pathlib.Path(self.work, "scenarios", name)
        for sub in ("healthy", "faults", "solutions"):
            (folder / sub).mkdir(parents=True)
        script = "#!/bin/sh\nset -eu\n{}\n"
        for path, line in (("healthy/make.sh", "mkdir -p /lab; touch /lab/whole"),
                           ("faults/break.sh", "rm /lab/whole"),
                           ("solutions/mend.sh", "touch /lab/whole")):
            (folder / path).write_text(script.format(line))
            (folder / path).chmod(0o755)
        (folder / "briefing.md").write_text("# A benchmark\n\nMake /lab/whole.\n")
        names = [f"n{i + 1}" for i in range(nodes)]
        lines = ["labrun: 1", f"title: {nodes} machines", "difficulty: junior", "time_limit: 15m",
                 "pass_mark: 70", f"image: {image}", "networks:", "  lan: {}", "nodes:"]
        lines += [f"  {n}: {{memory: 160M, networks: {{lan: [10.8.0.{i + 1}/24]}}}}"
                  for i, n in enumerate(names)]
        lines += ["healthy:"] + [f"  - {{node: {n}, script: healthy/make.sh}}" for n in names]
        lines += ["faults:", "  - id: gone", "    skill: linux", "    steps:"]
        lines += [f"      - {{node: {n}, script: faults/break.sh}}" for n in names]
        lines += ["ready:", "  broken:"]
        lines += [f"    - {{node: {n}, probe: {{command: {{run: \"! test -e /lab/whole\"}}}}, "
                  "within: 30s}" for n in names]
        lines += ["checks:"] + checks(names)
        lines += ["baseline: {fails: [whole]}", "solutions:", "  - id: reference", "    steps:",
                  f"      - {{node: {names[0]}, script: solutions/mend.sh}}"]
        (folder / "scenario.yaml").write_text("\n".join(lines) + "\n")
        self.command("check", str(folder))
        return folder


def whole(names, points=100):
    """The one check that the fault breaks."""
    return [f"  - {{id: whole, title: It is whole, skill: linux, points: {points}, "
            f"node: {names[0]}, probe: {{file: {{path: /lab/whole}}}}}}"]
