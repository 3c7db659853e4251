"""Warm starts against their floor, and against what people use otherwise."""
import lxccopy
from measure import ratio, summary

MEMBERS = ("ssh_s", "labrun_cpu_s", "nodes_cpu_s", "pss_mib", "anonymous_mib", "shared_mib")


def _one(b, scenario):
    lab = b.name()
    try:
        return b.start(scenario, lab)
    finally:
        b.stop(lab)


def starts(b, rows):
    pairs = 3 if b.quick else 5
    template = b.template(b.scenario, b.driver)
    ours, floors = [], []
    for _ in range(pairs):
        floors.append(b.floor_start(template))
        ours.append(_one(b, b.scenario))
    to_ssh = ratio([(o["ssh_s"], f["ssh_s"]) for o, f in zip(ours, floors)])
    result = {"scenario": str(b.scenario), "driver": b.driver, "ratio_to_floor": to_ssh,
              "labrun": summary(ours, MEMBERS + ("symptoms_s", "labrun_peak_mib")),
              "floor": summary(floors, MEMBERS),
              "phases_ms": summary([o["phases"] for o in ours], ours[0]["phases"])}
    rows.add("warm start to ssh", "the floor", to_ssh, budget=1.3)
    rows.add("warm start to symptoms", "the floor, to ssh", ratio(
        [(o["symptoms_s"], f["ssh_s"]) for o, f in zip(ours, floors)]))
    rows.add("CPU of all nodes, to symptoms", "the floor, to ssh", ratio(
        [(o["nodes_cpu_s"], f["nodes_cpu_s"]) for o, f in zip(ours, floors)]))
    result["cold"] = cold(b, template, rows)
    if b.driver == "lxc":
        result["lxc_copy"] = lxccopy.compare(b, rows)
    return result


def cold(b, template, rows):
    """Machines: the same disks, booted. Containers boot in any case: the image, and all scripts."""
    if b.driver == "qemu":
        pair = _one(b, b.scenario), b.floor_start(template, cold=True)
        rows.add("warm start to ssh", "the same cluster cold-booted",
                 ratio([(pair[0]["ssh_s"], pair[1]["ssh_s"])]))
        return {"labrun": pair[0], "cold": pair[1]}
    folder = b.make_copy(b.scenario)
    lab = b.name()
    try:
        first = b.start(folder, lab)
    finally:
        b.stop(lab)
    second = _one(b, folder)
    rows.add("warm start to symptoms", "from the image, with all scripts",
             ratio([(second["symptoms_s"], first["symptoms_s"])]))
    return {"labrun": second, "from_the_image": first}
