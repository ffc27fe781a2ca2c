"""The published documents are those of the models, complete in themselves, and true to the stream."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from strategies import RECORDS

import schemas
from schemas.base import schema_id
from schemas.export import CHANNELS, GROUP_ID, Channel, asyncapi, documents, export, json_schemas
from streams import cloudevents
from streams.settings import Settings
from streams.topics import CHANGELOGS, TOPICS

COMMITTED = Path(schemas.__file__).parent
REMEDY = "run `tumen schemas export` and commit what it wrote"

DOCUMENT = asyncapi()
SENT = [channel for channel in CHANNELS if channel.event and "send" in channel.action]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def resolve(document: Any, reference: str) -> Any:
    """Follow a reference inside the document, and the references that it leads to."""
    assert reference.startswith("#/"), f"{reference} leads out of the document"
    node = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return resolve(document, node["$ref"]) if set(node) == {"$ref"} else node


@pytest.mark.parametrize("name", documents())
def test_committed_documents_are_those_of_the_models(name: str) -> None:
    path = COMMITTED / name
    assert path.is_file(), f"schemas/{name} is missing: {REMEDY}"
    assert path.read_text(encoding="utf-8") == documents()[name], f"schemas/{name} is stale: {REMEDY}"


def test_no_document_is_left_over() -> None:
    found = {f"json/{path.name}" for path in (COMMITTED / "json").iterdir()}
    assert found == {name for name in documents() if name.startswith("json/")}


def test_export_writes_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in export(tmp_path)}
    second = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in export(tmp_path)}
    assert first == second == {name: text.encode() for name, text in documents().items()}


@pytest.mark.parametrize("noun", json_schemas())
def test_a_json_schema_is_valid_named_and_self_contained(noun: str) -> None:
    schema = json_schemas()[noun]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == schema_id(noun)
    assert schema["title"]
    assert schema["description"]
    for reference in references(schema):
        assert reference.startswith("#/$defs/")
        resolve(schema, reference)


@pytest.mark.parametrize("noun", json_schemas())
def test_every_field_says_what_it_means(noun: str) -> None:
    schema = json_schemas()[noun]
    for name, field in schema["properties"].items():
        meant = field.get("description") or ("$ref" in field and resolve(schema, field["$ref"]).get("description"))
        assert meant, f"{noun}: {name} has no description"


def test_references_of_the_asyncapi_document_resolve_without_network() -> None:
    document = yaml.safe_load(documents()["asyncapi.yaml"])
    assert document == DOCUMENT
    assert list(references(document))
    for reference in references(document):
        resolve(document, reference)


def test_the_asyncapi_document_has_the_shape_of_version_3() -> None:
    # whole rules of the specification: checked once with AsyncAPI's own schema and parser when this was written
    document = DOCUMENT
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(document["info"])
    for server in document["servers"].values():
        assert server["host"].startswith(("127.0.0.1", "{host}"))
        assert server["protocol"] in {"kafka", "kafka-secure"}
    for operation in document["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = resolve(document, operation["channel"]["$ref"])
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")
            assert resolve(document, message["$ref"]) in [
                resolve(document, listed["$ref"]) for listed in channel["messages"].values()
            ]
        if operation["action"] == "receive":
            assert operation["bindings"]["kafka"]["groupId"]["enum"] == [GROUP_ID]
    assert {name: (o["action"], o["channel"]["$ref"]) for name, o in document["operations"].items()} == {
        "receiveArticles": ("receive", "#/channels/articles"),
        "sendEnriched": ("send", "#/channels/enriched"),
        "receiveEnriched": ("receive", "#/channels/enriched"),
        "sendClaims": ("send", "#/channels/claims"),
        "receiveClaims": ("receive", "#/channels/claims"),
        "sendFacts": ("send", "#/channels/facts"),
        "sendFactsArchive": ("send", "#/channels/factsArchive"),
        "sendAlerts": ("send", "#/channels/alerts"),
        "sendDeadLetters": ("send", "#/channels/deadLetters"),
    }


def test_channels_are_the_topics_that_tumen_makes() -> None:
    described = {
        channel["address"]: channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"]
        for channel in DOCUMENT["channels"].values()
    }
    assert described == {name: topic.cleanup.split(",") for name, topic in TOPICS.items() if name not in CHANGELOGS}


def test_the_consumer_group_is_the_default_one() -> None:
    assert Settings.model_fields["group_id"].default == GROUP_ID


@pytest.mark.parametrize("channel", SENT, ids=lambda channel: channel.noun)
@settings(max_examples=25)
@given(data=st.data())
def test_what_is_sent_fits_the_asyncapi_document(channel: Channel, data: st.DataObject) -> None:
    message = resolve(DOCUMENT, f"#/channels/{channel.id}/messages/{channel.noun}")
    record = data.draw(RECORDS[channel.noun])
    sent = {name: value.decode() for name, value in cloudevents.headers_of(record)}
    Draft202012Validator(message["headers"]).validate(sent)
    Draft202012Validator(DOCUMENT | message["payload"]).validate(json.loads(record.model_dump_json()))
