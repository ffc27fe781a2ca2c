"""Within v1 the contract only grows: what feeders send and what subscribers rely on stays as `v1.json` has it.

`v1.json` lists every field of the published records: whether it is always there and what it may hold. After a release
that adds fields, `python tests/schemas/test_compatibility.py` adds them to it; it never takes one away.
"""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from schemas.export import json_schemas

BASELINE = Path(__file__).with_name("v1.json")
INPUT = "article"

Fields = dict[str, dict[str, Any]]


def fields(schema: Mapping[str, Any]) -> Fields:
    """Every field of a record and of its parts, by path: `evidence.start`, `attributed_to[].name`."""
    found: Fields = {}

    def visit(node: Mapping[str, Any], path: str, required: bool) -> None:
        field = found.setdefault(path, {"required": required, "holds": [], "limits": {}})
        for choice in node.get("anyOf", [node]):
            if "$ref" in choice:
                choice = schema["$defs"][choice["$ref"].removeprefix("#/$defs/")]
            types = choice["type"] if isinstance(choice["type"], list) else [choice["type"]]
            field["holds"] = sorted({*field["holds"], *map(str, choice.get("enum", types))})
            for limit in ("pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum"):
                if limit in choice:
                    field["limits"][limit] = choice[limit]
            if "items" in choice:
                visit(choice["items"], f"{path}[]", True)
            parts(choice, f"{path}.")

    def parts(node: Mapping[str, Any], prefix: str) -> None:
        for name, part in node.get("properties", {}).items():
            visit(part, prefix + name, name in node.get("required", []))

    parts(schema, "")
    return found


def breaches(old: Fields, new: Fields, *, taken_from_feeders: bool) -> list[str]:
    """What in `new` breaks a client that was written for `old`."""
    found = [f"{path} is gone" for path in old.keys() - new.keys()]
    # records that are on the topics already do not have it, and feeders do not send it
    found += [f"{path} is new and required" for path in new.keys() - old.keys() if is_forced(path, old, new)]
    for path in old.keys() & new.keys():
        before, after = old[path], new[path]
        if after["required"] and not before["required"]:
            found.append(f"{path} is now required")
        if set(before["holds"]) - set(after["holds"]):
            found.append(f"{path} no longer takes {sorted(set(before['holds']) - set(after['holds']))}")
        if taken_from_feeders:
            if after["limits"] != before["limits"]:
                found.append(f"{path} has other limits: {before['limits']} → {after['limits']}")
        else:
            if before["required"] and not after["required"]:
                found.append(f"{path} may now be missing")
            if {"null"} & (set(after["holds"]) - set(before["holds"])):
                found.append(f"{path} may now be null")
    return sorted(found)


def is_forced(path: str, old: Fields, new: Fields) -> bool:
    """Whether a new field is required in something that was there before."""
    parent = path.rpartition(".")[0]
    return new[path]["required"] and (parent in old or not parent)


@pytest.mark.parametrize("noun", json_schemas())
def test_nothing_that_clients_of_v1_rely_on_has_changed(noun: str) -> None:
    old = json.loads(BASELINE.read_text(encoding="utf-8"))[noun]
    found = breaches(old, fields(json_schemas()[noun]), taken_from_feeders=noun == INPUT)
    assert not found, f"{noun} breaks v1, and needs another way or a v2: {'; '.join(found)}"


def test_no_record_of_v1_is_gone() -> None:
    assert set(json.loads(BASELINE.read_text(encoding="utf-8"))) <= set(json_schemas())


def remove(schema: dict[str, Any]) -> None:
    del schema["properties"]["object"]


def require(schema: dict[str, Any]) -> None:
    schema["required"].append("place")


def add_required(schema: dict[str, Any]) -> None:
    schema["properties"]["tone"] = {"type": "string"}
    schema["required"].append("tone")


def drop_required(schema: dict[str, Any]) -> None:
    schema["required"].remove("status")


def rename_value(schema: dict[str, Any]) -> None:
    schema["$defs"]["Status"]["enum"][0] = "done"


def retype(schema: dict[str, Any]) -> None:
    schema["$defs"]["Evidence"]["properties"]["start"] = {"type": "string"}


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        (remove, "object is gone"),
        (require, "place is now required"),
        (add_required, "tone is new and required"),
        (drop_required, "status may now be missing"),
        (rename_value, "status no longer takes ['happened']"),
        (retype, "evidence.start no longer takes ['integer']"),
    ],
)
def test_the_guard_sees_each_kind_of_breach(change: Any, breach: str) -> None:
    schema = copy.deepcopy(json_schemas()["claim"])
    before = fields(schema)
    change(schema)
    assert breaches(before, fields(schema), taken_from_feeders=False) == [breach]


def test_the_guard_lets_optional_fields_in() -> None:
    schema = copy.deepcopy(json_schemas()["claim"])
    before = fields(schema)
    schema["properties"]["tone"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert breaches(before, fields(schema), taken_from_feeders=False) == []


def test_a_tighter_limit_on_what_feeders_send_is_a_breach() -> None:
    schema = copy.deepcopy(json_schemas()[INPUT])
    before = fields(schema)
    schema["properties"]["text"]["maxLength"] = 1000
    assert len(breaches(before, fields(schema), taken_from_feeders=True)) == 1


def extend_baseline() -> None:
    """Add the fields that are new to `v1.json`."""
    old = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    listed = {noun: fields(schema) | old.get(noun, {}) for noun, schema in json_schemas().items()}
    records = []
    for noun, found in listed.items():
        rows = [f" {json.dumps(path)}: {json.dumps(field, sort_keys=True)}" for path, field in sorted(found.items())]
        records.append(f"{json.dumps(noun)}: {{\n" + ",\n".join(rows) + "\n}")
    BASELINE.write_text("{\n" + ",\n".join(records) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    extend_baseline()
