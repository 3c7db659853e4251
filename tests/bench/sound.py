"""Ten starts out of ten: healthy in clones of the healthy stage, broken as declared in the others."""
import json
import os
import pathlib
import time

import yaml

from measure import Run


def _declared(scenario):
    """Ids of the checks that fail in the broken lab before any power cut."""
    source = yaml.safe_load(pathlib.Path(scenario, "scenario.yaml").read_text())
    now = {c["id"] for c in source["checks"] if c.get("when") != "after-reboot"}
    return now & set(source["baseline"]["fails"])


def _broken(b, lab):
    """What a lab fails that was just started, when it is graded at once."""
    _, score = b.grade(lab, ok=(0, 1, 4))  # what is not as declared is counted, and does not end it
    verdicts = {x["id"]: x["verdict"] for x in score["checks"] + score["guards"]}
    return {i for i, v in verdicts.items() if v not in ("pass", "skipped")}


def sound(b, rows):
    times = 3 if b.quick else 10
    declared, starts = _declared(b.scenario), []
    for seed in range(times):
        lab = b.name()
        try:
            started = b.start(b.scenario, lab, seed=seed)
            starts.append({"symptoms_s": started["symptoms_s"], "fails": sorted(_broken(b, lab))})
        finally:
            b.stop(lab)
    good = sum(set(s["fails"]) == declared for s in starts)
    rows.plain("broken as declared", "starts", good / times, note=f"{good} of {times}",
               missed=good < times)
    began = time.monotonic()
    shares = [len(range(i, times, os.cpu_count())) for i in range(min(times, os.cpu_count()))]
    proofs = [Run([b.labrun, "-q", "prove", str(b.scenario), "--driver", b.driver, "--branch",
                   "healthy", "--repeat", str(n), "--json"], env=b.env, ok=(0, 1, 4))
              for n in shares]  # a core each
    branches = [x for p in proofs for proof in json.loads(p.finish().out)
                for x in proof["branches"]]
    whole = sum(x["verdict"] == "proven" for x in branches)
    rows.plain("healthy, also after a power cut", "starts", whole / times,
               note=f"{whole} of {times}", missed=whole < times)
    return {"declared": sorted(declared), "starts": starts, "healthy": branches,
            "healthy_took_s": round(time.monotonic() - began, 1)}
