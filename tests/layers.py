#!/usr/bin/env python3
"""Refuses an #include against the direction of the layers (docs/architecture.md).

layers.py ROOT        judges harness/ and graders/ of a tree
layers.py --self-test shows that it refuses what it should
"""
import pathlib
import re
import sys
import tempfile

# A folder and the folders it may include from, beside itself.
MAY_USE = {
    "util": "",
    "scenario": "util",
    "plan": "scenario util",
    "transport": "util",
    "driver": "plan scenario util",
    "record": "scenario util",
    "image": "scenario util",
    "stage": "image driver plan scenario util",
    "graders": "scenario transport util",
    "lab": "graders record stage image driver transport plan scenario util",
    "prove": "lab graders record stage image driver transport plan scenario util",
    "cli": "prove lab graders record stage image driver transport plan scenario util",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def layer_of(root, path):
    parts = path.relative_to(root).parts
    return parts[0] if parts[0] == "graders" else parts[1]


def problems(root):
    files = [*root.glob("harness/*/**/*.[ch]"), *root.glob("graders/**/*.[ch]")]
    if not files:
        yield f"{root}: no C files"
    for path in sorted(files):
        layer = layer_of(root, path)
        if layer not in MAY_USE:
            yield f"{path}:1: folder '{layer}' has no place among the layers: name it in {__file__}"
            continue
        allowed = {layer, *MAY_USE[layer].split()}
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            target = found[1].split("/")[0]
            if target not in MAY_USE:
                yield f'{path}:{number}: "{found[1]}": name a header by its folder'
            elif target not in allowed:
                yield f'{path}:{number}: {layer}/ must not know {target}/ ("{found[1]}")'


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text, wrong in [
                ("harness/util/a.c", '#include "util/a.h"\n#include <stdio.h>\n', 0),
                ("harness/util/b.c", '#  include "lab/lab.h"\n', 1),
                ("harness/driver/qemu/c.c", '#include "transport/client.h"\n', 1),
                ("harness/transport/d.c", '#include "driver/driver.h"\n', 1),
                ("graders/probes/e.c", '#include "lab/lab.h"\n#include "cli/cmd.h"\n', 2),
                ("harness/cli/f.c", '#include "lab/lab.h"\n#include "cmd.h"\n', 1),
                ("harness/stray/g.c", "\n", 1)]:
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            found = [p for p in problems(root) if p.startswith(f"{file}:")]
            if len(found) != wrong:
                sys.exit(f"{path}: expected {wrong} problems, found {found}")


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        self_test()
        sys.exit(0)
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
