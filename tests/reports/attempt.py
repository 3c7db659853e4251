"""A stored attempt, as labrun keeps it, for tests of what is made of it."""
import json
import os

BEGAN = 1795510800000  # ms since the epoch
STAMP = "20261124T090000Z"


def make(state, lab, scores, events):
    """SCORES: its grades in order; EVENTS: (ms since the beginning, kind, data). Gives the folder."""
    folder = os.path.join(state, "attempts", "%s-%s" % (lab, STAMP))
    os.makedirs(os.path.join(folder, "grades"))
    last = scores[-1]
    record = {"format": 1, "id": os.path.basename(folder), "lab": lab, "scenario": "x",
              "scenario_digest": "0" * 64, "candidate": last["candidate"], "driver": "lxc",
              "version": "0", "started": "2026-11-24T09:00:00Z", "started_wall_ms": BEGAN,
              "started_mono_ms": 1, "boot_id": "b", "time_limit_ms": 60000, "state": "finished",
              "closed_wall_ms": BEGAN + 100000, "used_ms": 1000, "grades": len(scores),
              "last_grade": {"score": 1.0, "max": 2.0, "percent": 50.0, "passed": False,
                             "gradable": True}}
    files = {"attempt.json": record, "score.json": last}
    files.update(("grades/%04d.json" % (i + 1), score) for i, score in enumerate(scores))
    for name, content in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            json.dump(content, f)
    with open(os.path.join(folder, "events.jsonl"), "w", encoding="utf-8") as f:
        for at, kind, data in events:
            f.write(json.dumps({"wall_ms": BEGAN + at, "mono_ms": at, "boot": "b", "kind": kind,
                                "data": data}) + "\n")
    return folder
