"""JSON Schemas and the AsyncAPI document, generated from the models of the contract."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from schemas.alert import Alert
from schemas.article import Article
from schemas.base import Record, schema_id
from schemas.claim import Claim
from schemas.dead_letter import DeadLetter
from schemas.enriched import EnrichedArticle
from schemas.fact import Fact
from schemas.headers import ARTICLE_OFFSET, ARTICLE_TIMESTAMP, HISTORY
from schemas.withdrawal import Withdrawal

DIALECT = "https://json-schema.org/draft/2020-12/schema"
GENERATED = "Generated from the models in schemas/ by `tumen schemas export`; do not edit."

CONTRACT_VERSION = "1.0.0"
"""Version of the contract, not of the software: the minor part counts fields that were added within v1."""

GROUP_ID = "tumen"
"""Consumer group of the workers, unless the operator names another."""

JsonSchema = dict[str, Any]
Mode = Literal["validation", "serialization"]


@dataclass(frozen=True)
class Channel:
    """A topic, and one kind of record on it. A topic with two kinds stands twice, under one `id`."""

    id: str
    address: str
    noun: str
    model: type[Record]
    about: str
    key: str
    action: str
    """What Tumen does: `receive`, `send`, or both with a space between."""
    event: str | None
    """The records' `ce_type`; None for dead letters, which keep the bytes of somebody else's record."""
    cleanup: str = "delete"
    mode: Mode = "serialization"


CHANNELS = (
    Channel(
        id="articles",
        address="tumen.articles.v1",
        noun="article",
        model=Article,
        about="Articles, as feeders publish them.",
        key="Anything. Best the article's id or URL, so that revisions of one article stay in order.",
        action="receive",
        event="tumen.article.published.v1",
        mode="validation",
    ),
    Channel(
        id="enriched",
        address="tumen.enriched.v1",
        noun="enriched",
        model=EnrichedArticle,
        about="Articles with the entities and claims that were read in them.",
        key="The article's id.",
        action="send receive",
        event="tumen.article.enriched.v1",
    ),
    Channel(
        id="claims",
        address="tumen.claims.v1",
        noun="claim",
        model=Claim,
        about="Reported facts, one record a claim.",
        key="The slot of the fact: claims that could tell the same fact share it. Opaque to subscribers.",
        action="send receive",
        event="tumen.claim.reported.v1",
    ),
    Channel(
        id="claims",
        address="tumen.claims.v1",
        noun="withdrawal",
        model=Withdrawal,
        about="A claim that a later revision of its article no longer makes: it no longer counts.",
        key="The slot of the fact, as for the claim.",
        action="send receive",
        event="tumen.claim.withdrawn.v1",
    ),
    Channel(
        id="facts",
        address="tumen.facts.v1",
        noun="fact",
        model=Fact,
        about="What is known now: the last record of a key is the fact as it stands.",
        key="The fact's id.",
        action="send",
        event="tumen.fact.changed.v1",
        cleanup="compact",
    ),
    Channel(
        id="factsArchive",
        address="tumen.facts-archive.v1",
        noun="fact",
        model=Fact,
        about="Facts that nobody has mentioned for long, as they were known last.",
        key="The fact's id.",
        action="send",
        event="tumen.fact.changed.v1",
        cleanup="compact",
    ),
    Channel(
        id="alerts",
        address="tumen.alerts.v1",
        noun="alert",
        model=Alert,
        about="What is new.",
        key="The fact's id.",
        action="send",
        event="tumen.alert.raised.v1",
    ),
    Channel(
        id="deadLetters",
        address="tumen.dead-letters.v1",
        noun="dead-letter",
        model=DeadLetter,
        about="Records that could not be read or handled: key and value as they came, the reason in the headers.",
        key="The key of the record that failed, unchanged.",
        action="send",
        event=None,
    ),
)


class _Generator(GenerateJsonSchema):
    """Leaves out the titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schemas() -> Mapping[str, JsonSchema]:
    """Return the self-contained JSON Schema (draft 2020-12) of each record, by its noun."""
    return {channel.noun: _json_schema(channel) for channel in CHANNELS}


def _json_schema(channel: Channel) -> JsonSchema:
    generated = channel.model.model_json_schema(mode=channel.mode, schema_generator=_Generator)
    described = {name: generated.pop(name) for name in ("title", "description")}
    return {
        "$schema": DIALECT,
        "$id": schema_id(channel.noun),
        **described,
        "$comment": GENERATED,
        **{name: generated[name] for name in ("type", "properties", "required", "$defs") if name in generated},
    }


def asyncapi() -> JsonSchema:
    """Return the AsyncAPI 3.0.0 document. Operations are told from Tumen's viewpoint."""
    references, definitions = models_json_schema(
        [(channel.model, channel.mode) for channel in CHANNELS],
        ref_template="#/components/schemas/{model}",
        schema_generator=_Generator,
    )
    return {
        "asyncapi": "3.0.0",
        "id": "urn:tumen:contract:v1",
        "info": {
            "title": "Tumen",
            "version": CONTRACT_VERSION,
            "description": (
                "News articles in; what is newly reported about cooperation between North Korea and Russia out.\n"
                "Values are plain UTF-8 JSON. Readers ignore unknown fields: within v1 fields are only added.\n"
                f"Delivery is at least once: drop records whose id was seen before.\n{GENERATED}"
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [{"name": "news"}, {"name": "kafka"}, {"name": "cloudevents"}],
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:9092",
                "protocol": "kafka",
                "description": "Kafka on this machine, as `make kafka` starts it. Put the address of yours here.",
            },
            "secured": {
                "host": "{host}:{port}",
                "protocol": "kafka-secure",
                "description": "Kafka with TLS and a login.",
                "variables": {
                    "host": {"default": "127.0.0.1", "description": "A broker to start from."},
                    "port": {"default": "9093", "description": "Its port for TLS."},
                },
                "security": [{"$ref": "#/components/securitySchemes/scram"}],
            },
        },
        "channels": {name: _channel(kinds) for name, kinds in _topics().items()},
        "operations": {
            f"{action}{name[0].upper()}{name[1:]}": _operation(kinds, action)
            for name, kinds in _topics().items()
            for action in kinds[0].action.split()
        },
        "components": {
            "messages": {
                # a kind of record that is on two topics is told as on the first
                channel.noun: _message(channel, references[(channel.model, channel.mode)])
                for channel in reversed(CHANNELS)
            },
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "scram": {"type": "scramSha512", "description": "User and password, as the operator gives them out."}
            },
        },
    }


def _topics() -> Mapping[str, list[Channel]]:
    """Return the kinds of record of each topic, by its id."""
    found: dict[str, list[Channel]] = {}
    for channel in CHANNELS:
        found.setdefault(channel.id, []).append(channel)
    return found


def _channel(kinds: list[Channel]) -> JsonSchema:
    channel = kinds[0]
    return {
        "address": channel.address,
        "title": channel.id,
        "description": channel.about,
        "messages": {kind.noun: {"$ref": f"#/components/messages/{kind.noun}"} for kind in kinds},
        "tags": [{"name": "input" if channel.action == "receive" else "output"}],
        "bindings": {
            "kafka": {
                "topic": channel.address,
                "topicConfiguration": {"cleanup.policy": [channel.cleanup]},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operation(kinds: list[Channel], action: str) -> JsonSchema:
    channel = kinds[0]
    operation = {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel.id}"},
        "summary": f"Tumen {action}s {channel.address}.",
        "messages": [{"$ref": f"#/channels/{channel.id}/messages/{kind.noun}"} for kind in kinds],
    }
    if action == "receive":
        operation["bindings"] = {
            "kafka": {"groupId": {"type": "string", "enum": [GROUP_ID]}, "bindingVersion": "0.5.0"}
        }
    return operation


def _message(channel: Channel, reference: JsonSchema) -> JsonSchema:
    message: JsonSchema = {
        "name": channel.noun,
        "title": channel.model.__name__,
        "summary": channel.about,
        "contentType": "application/json",
        "headers": _headers(channel),
        "payload": reference,
        "bindings": {"kafka": {"key": {"type": "string", "description": channel.key}, "bindingVersion": "0.5.0"}},
    }
    if channel.event is None:
        message["headers"] = reference
        message["contentType"] = "application/octet-stream"
        message["payload"] = {"description": "The value of the record that failed, unchanged; it may be no JSON."}
    return message


def _headers(channel: Channel) -> JsonSchema:
    """Describe the headers of CloudEvents 1.0 in binary mode. Feeders may leave them out."""
    fields: JsonSchema = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "description": "The same for the same event sent again."},
        "ce_source": {"type": "string", "format": "uri-reference", "description": "What made the event."},
        "ce_type": {"type": "string", "const": channel.event},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_dataschema": {"type": "string", "const": schema_id(channel.noun)},
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C trace context, where the article came with one."},
    }
    optional = {"traceparent"}
    if channel.noun in ("article", "enriched", "claim"):
        fields[HISTORY] = {
            "type": "string",
            "const": "true",
            "description": "On what is learnt without raising alerts.",
        }
        optional.add(HISTORY)
    if channel.noun == "enriched":
        number = {"type": "string", "pattern": "^[0-9]+$"}
        fields[ARTICLE_TIMESTAMP] = number | {"description": "Of the article's record, in milliseconds of Unix time."}
        fields[ARTICLE_OFFSET] = number | {"description": "Of the article's record."}
        optional |= {ARTICLE_TIMESTAMP, ARTICLE_OFFSET}
    described = {"type": "object", "properties": fields}
    if "send" in channel.action:
        described["required"] = [name for name in fields if name not in optional]
    return described


class _Dumper(yaml.SafeDumper):
    """Writes every value out: anchors are legal YAML that some AsyncAPI tools do not read."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def documents() -> Mapping[str, str]:
    """Return what `export` writes: text by path, relative to the directory."""
    files = {
        f"json/{noun}.v1.json": json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for noun, schema in json_schemas().items()
    }
    files["asyncapi.yaml"] = yaml.dump(asyncapi(), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    return files


def export(directory: Path) -> list[Path]:
    """Write `json/<noun>.v1.json` and `asyncapi.yaml` under `directory`, and return their paths.

    Raises:
        OSError: the directory cannot be made or written.
    """
    (directory / "json").mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in documents().items():
        path = directory / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written
