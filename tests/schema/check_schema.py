#!/usr/bin/env python3
"""Holds the JSON Schema of scenario.yaml against the reader and the documents.

agree PRINT_SCHEMA DATA     the schema accepts every good file, and does with each bad one what the
                            first line of its .expected file says: "schema: refuses" where it must
                            catch the mistake too, "schema: accepts" where only the reader can,
                            "schema: unreadable" where there is no YAML to validate
published PRINT_SCHEMA FILE the published schema is the one that the code makes now
scenarios FILE FOLDER       the published schema accepts every scenario
docs FILE PAGE EXAMPLE      the page speaks of every key, and its worked example is EXAMPLE
"""
import json
import os
import pathlib
import re
import subprocess
import sys

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, by which editors read: PyYAML's own is 1.1, where 010 is 8."""


Core.yaml_implicit_resolvers = {}
for tag, pattern in (
    ("null", r"^(?:~|null|Null|NULL|)$"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$"),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    ("float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"),
):
    Core.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), None)


def core_int(loader, node):
    text = node.value
    return int(text, 16 if "0x" in text else 8 if "0o" in text else 10)


Core.add_constructor("tag:yaml.org,2002:int", core_int)


def ecma_pattern(validator, pattern, instance, schema):
    """Python's $ also matches before a last line break; ECMAScript's, which editors use, does not."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


Validator = validators.extend(Draft202012Validator, {"pattern": ecma_pattern})


def printed(program, *args):
    schema = json.loads(subprocess.run([program, *args], check=True, capture_output=True).stdout)
    Draft202012Validator.check_schema(schema)
    return schema


def verdict(schema, path):
    """What the schema does with the file, and why."""
    try:
        value = yaml.load(path.read_bytes().decode("utf-8"), Core)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return "unreadable", str(error)
    errors = list(Validator(schema).iter_errors(value))
    return "refuses" if errors else "accepts", "; ".join(error.message[:200] for error in errors[:3])


def agree(program, data):
    schema = printed(program, "--test-kinds")
    bless = os.environ.get("LABRUN_TEST_BLESS")
    wrong = []
    good = sorted(pathlib.Path(data, "good").glob("*.yaml"))
    bad = sorted(pathlib.Path(data, "bad").glob("*.yaml"))
    for path in good:
        does, why = verdict(schema, path)
        if does != "accepts":
            wrong.append(f"{path}: the reader loads it, the schema {does} it: {why}")
    for path in bad:
        expected = path.with_suffix(".expected")
        first, rest = expected.read_text().split("\n", 1)
        does, why = verdict(schema, path)
        if bless:
            expected.write_text(f"schema: {does}\n{rest}")
        elif first != f"schema: {does}":
            wrong.append(f"{path}: expected '{first}', but the schema {does} it: {why}")
    if len(good) < 3 or len(bad) < 60:
        wrong.append(f"only {len(good)} good and {len(bad)} bad files were found")
    return wrong


def published(program, page):
    if printed(program) == json.loads(pathlib.Path(page).read_text()):
        return []
    return [f"{page} is not what the code makes: build the target update-schema"]


def scenarios(page, folder):
    schema = json.loads(pathlib.Path(page).read_text())
    files = sorted(pathlib.Path(folder).glob("*/scenario.yaml"))
    if not files:
        print("no scenarios yet")
        sys.exit(77)
    verdicts = [(path, *verdict(schema, path)) for path in files]
    return [f"{path}: the schema {does} it: {why}" for path, does, why in verdicts if does != "accepts"]


def keys(schema):
    """Every key that a scenario can have, without those of the probe kinds, which have their page."""
    maps = [schema] + [part for name, part in schema["$defs"].items() if name != "probe"]
    return {key for part in maps for key in part.get("properties", {})}


def docs(page, text, example):
    text = pathlib.Path(text).read_text()
    wrong = [
        f"`{key}` is nowhere explained"
        for key in sorted(keys(json.loads(pathlib.Path(page).read_text())))
        if f"`{key}`" not in text
    ]
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if pathlib.Path(example).read_text() not in blocks:
        wrong.append(f"no block of the page is {example}")
    return wrong


if __name__ == "__main__":
    modes = {"agree": agree, "published": published, "scenarios": scenarios, "docs": docs}
    findings = modes[sys.argv[1]](*sys.argv[2:])
    print("\n".join(findings) or "ok")
    sys.exit(1 if findings else 0)
