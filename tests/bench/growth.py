"""How cost grows with the nodes of a lab, and with labs side by side."""
import concurrent.futures
import statistics

from bench import whole
from measure import cost_of_labs

MEMBERS = ("ssh_s", "symptoms_s", "labrun_cpu_s", "nodes_cpu_s", "pss_mib", "anonymous_mib",
           "shared_mib")


def nodes(b, rows):
    """Sizes in turn, so that a machine that grows slower or faster does so for all."""
    sizes = (1, 2, 4, 8) if b.quick else (1, 2, 4, 8, 16)
    made = {n: b.make_scenario(f"growth-{n}", n, whole) for n in sizes}
    for folder in made.values():
        b.command("build", str(folder), "--driver", b.driver)
    samples = {n: [] for n in sizes}
    for _ in range(2 if b.quick else 3):
        for n in sizes:
            lab = b.name()
            try:
                samples[n].append(b.start(made[n], lab))
            finally:
                b.stop(lab)
    table = {n: {m: round(statistics.median(s[m] for s in samples[n]), 3) for m in MEMBERS}
             for n in sizes}
    for small, big in zip(sizes, sizes[1:]):
        each = [y["ssh_s"] / x["ssh_s"] for x, y in zip(samples[small], samples[big])]
        rows.add(f"start of {big} nodes to ssh", f"{small} nodes", {
            "median": round(statistics.median(each), 2), "least": round(min(each), 2),
            "pairs": len(each)}, budget=1.5)
    return table


def labs(b, rows):
    """K labs started at the same moment, until the last is ready; then all of them measured."""
    counts = (1, 2, 4) if b.quick else (1, 2, 4, 8)
    table = {}
    for k in counts:
        names = [b.name() for _ in range(k)]
        begun = [(b.begin(b.scenario, n), n) for n in names]
        # All are ready before the first is measured, which takes time and processors.
        with concurrent.futures.ThreadPoolExecutor(k) as pool:
            list(pool.map(lambda pair: pair[0].finish(), begun))
        done = [b.finish(run, n) for run, n in begun]
        table[k] = {"symptoms_s": round(max(d["symptoms_s"] for d in done), 3),
                    "labrun_cpu_s": round(sum(d["labrun_cpu_s"] for d in done), 2),
                    **cost_of_labs(b.driver, names)}
        b.stop(*names)
    for small, big in zip(counts, counts[1:]):
        rows.plain(f"{big} labs at once, to symptoms", f"{small} at once",
                   table[big]["symptoms_s"] / table[small]["symptoms_s"])
    one, two = table[1], table[2]
    rows.plain("memory (PSS) that a second lab adds", "what the first takes",
               (two["pss_mib"] - one["pss_mib"]) / one["pss_mib"], budget=0.5)
    return table
