#!/usr/bin/env python3
"""Draws the parameters of a scenario by what docs/scenario-format.md says, and nothing else, and
holds that against what the program draws: every value of every variant.

    check_draw.py LABRUN SCENARIO...
"""
import hashlib
import ipaddress
import itertools
import json
import pathlib
import subprocess
import sys

import yaml


class Stuck(Exception):
    """No try gave a variant unlike the others."""


def stream(variant, attempt, name):
    for block in itertools.count():
        text = "\n".join(["labrun-parameters-1", str(variant), str(attempt), name, str(block)])
        digest = hashlib.sha256(text.encode()).hexdigest()
        for at in range(0, 64, 16):
            yield int(digest[at:at + 16], 16)


def below(numbers, n):
    return next(x for x in numbers if x < 2**64 - 2**64 % n) % n


def draw(what, numbers):
    if "choice" in what or "node" in what:
        values = what.get("choice") or what["node"]
        return values[below(numbers, len(values))]
    if "integer" in what:
        low, high = int(what["integer"]["min"]), int(what["integer"]["max"])
        return str(low + below(numbers, high - low + 1))
    if "address" in what:
        low, high = (ipaddress.ip_address(what["address"][end]) for end in ("from", "to"))
        return str(low + below(numbers, int(high) - int(low) + 1))
    if "hex" in what:
        return "".join("0123456789abcdef"[below(numbers, 16)] for _ in range(int(what["hex"])))
    return "".join("aeiou"[below(numbers, 5)] if i % 2 else "bdfghklmnprstvwz"[below(numbers, 16)]
                   for i in range(int(what["name"])))


def draw_all(parameters, variant, attempt):
    values = {}
    for name, what in parameters.items():
        if "follows" in what:
            values[name] = what["as"][values[what["follows"]]]
            continue
        others = what.get("differs_from", [])
        taken = [values[o] for o in ([others] if isinstance(others, str) else others)]
        numbers = stream(variant, attempt, name)
        values[name] = next(v for v in (draw(what, numbers) for _ in range(200)) if v not in taken)
    return values


def listed(parameters, values):
    return tuple(values[n] for n, what in parameters.items() if "choice" in what or "node" in what)


def variants(parameters, n):
    drawn, lists = [], True
    for variant in range(n):
        tries = [draw_all(parameters, variant, attempt) for attempt in range(200)]
        before = {listed(parameters, values) for values in drawn}
        unlike = [v for v in tries if lists and listed(parameters, v) not in before]
        lists = bool(unlike)
        unlike = unlike or [v for v in tries if v not in drawn]
        if not unlike:
            raise Stuck
        drawn.append(unlike[0])
    return drawn


def check(program, folder):
    file = pathlib.Path(folder, "scenario.yaml")
    document = yaml.load(file.read_text(), yaml.BaseLoader)  # all scalars as they are written
    answer = subprocess.run([program, "info", "--full", "--json", folder], check=True,
                            capture_output=True, text=True)
    info = json.loads(answer.stdout)
    mine = variants(document["parameters"], info["variants"])
    theirs = [d["parameters"] for d in info["draws"]]
    return [f"{folder}, variant {i}: the program draws {b}, the documentation {a}"
            for i, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]


if __name__ == "__main__":
    wrong = [line for folder in sys.argv[2:] for line in check(sys.argv[1], folder)]
    print("\n".join(wrong) or "ok")
    sys.exit(1 if wrong else 0)
