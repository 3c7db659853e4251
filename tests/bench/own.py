"""labrun itself: ends, resets and proofs, its own memory, and how it lives with many attempts."""
import json
import os
import statistics

from measure import ratio, run

KEPT = 1000
BUDGET_MS, BUDGET_MIB = 50, 20


def ends(b, rows):
    """Stop and reset against the start of the same lab: a ratio that a busy machine leaves alone."""
    samples = []
    for _ in range(2 if b.quick else 3):
        lab = b.name()
        first = b.start(b.scenario, lab)
        nodes = b.node_names(lab)
        reset = b.command("reset", lab).wall_s
        one = b.command("reset", lab, "--node", nodes[0]).wall_s
        samples.append({"start_s": first["symptoms_s"], "reset_s": reset, "reset_node_s": one,
                        "stop_s": b.stop(lab)})
    for member, what in (("reset_s", "reset"), ("reset_node_s", "reset of one node"),
                         ("stop_s", "stop")):
        rows.add(what, "start of the same lab", ratio([(s[member], s["start_s"]) for s in samples]))
    return {m: round(statistics.median(s[m] for s in samples), 3) for m in samples[0]}


def proof(b, rows):
    """All of a scenario, one branch after the other and a branch a core, against one start."""
    lab = b.name()
    start_s = b.start(b.scenario, lab)["symptoms_s"]
    b.stop(lab)
    walls = {}
    for jobs in sorted({1, os.cpu_count()}):
        done = b.command("prove", b.scenario, "--driver", b.driver, "--jobs", str(jobs), "--idle", "1",
                         "--json")
        walls[jobs] = done.wall_s
        branches = len(json.loads(done.out)[0]["branches"])
        rows.plain(f"proof, {jobs} at once: each of {branches} branches", "start of the same lab",
                   done.wall_s / branches / start_s)
    return {"start_s": round(start_s, 3), "branches": branches,
            "proof_s": {jobs: round(wall, 1) for jobs, wall in walls.items()}}


def _timed(b, env, *args):
    """Least CPU time and wall time of several runs: what the program needs when it is let."""
    runs = [run([b.labrun, *args], env=env) for _ in range(10)]
    return {"cpu_ms": round(min(r.cpu_s for r in runs) * 1000, 1),
            "wall_ms": round(min(r.wall_s for r in runs) * 1000, 1),
            "peak_mib": round(max(r.peak_mib for r in runs), 1)}


def attempts(b, rows):
    """Against `labrun version`, which does nothing but be loaded."""
    state = os.path.join(b.work, "kept")
    run([b.attempts, state, str(KEPT)])
    env = dict(b.env, LABRUN_STATE_DIR=state)
    table = {"version": _timed(b, env, "version")}
    for verb in ("list", "status", "results"):
        table[verb] = _timed(b, env, verb)
        table[verb + " --json"] = _timed(b, env, verb, "--json")
    floor = table["version"]["cpu_ms"]
    for verb, t in table.items():
        rows.plain(f"CPU of `{verb}` with {KEPT} attempts", "`version`", t["cpu_ms"] / floor,
                   note=f"{t['cpu_ms']:.0f} ms CPU, {t['wall_ms']:.0f} ms, {t['peak_mib']:.1f} MiB",
                   missed=verb != "version" and
                   (t["wall_ms"] > BUDGET_MS or t["peak_mib"] > BUDGET_MIB))
    return table
