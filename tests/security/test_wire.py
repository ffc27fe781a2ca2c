"""Nothing that comes over the wire or lies in a file is ever unpickled or run: it is JSON, checked by the contract."""

import ast
import json
import os
import pickle
import pickletools
from datetime import UTC, datetime
from pathlib import Path

import pytest

import schemas
import streams
from streams.agents.enrich import Job, read_article
from streams.app import create_app
from streams.codec import decode, decode_article
from streams.errors import BadInputError
from streams.extract import Extractor
from streams.settings import Settings
from streams.topics import ARTICLES, CHANGELOGS, CLAIMS, ENRICHED

NOW = datetime(2025, 1, 2, tzinfo=UTC)

PACKAGES = [Path(package.__file__).parent for package in (streams, schemas) if package.__file__]

RUNS_WHAT_IT_READS = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "marshal",
    "shelve",
    "jsonpickle",
    "code",
}


class Trap:
    """Makes a file wherever it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("path", [path for package in PACKAGES for path in sorted(package.rglob("*.py"))], ids=str)
def test_no_module_uses_what_runs_what_it_reads(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not {name.name.split(".")[0] for name in node.names} & RUNS_WHAT_IT_READS
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in RUNS_WHAT_IT_READS
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("eval", "exec", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "os.system")
            assert not any(keyword.arg == "shell" for keyword in node.keywords)


async def test_every_topic_is_bytes_to_faust() -> None:
    app = create_app(Settings.load())
    topics = [agent.channel for agent in app.agents.values()] + [table.changelog_topic for table in app.tables.values()]
    assert {topic.get_topic_name() for topic in topics} == {ARTICLES, ENRICHED, CLAIMS, *CHANGELOGS}
    for topic in topics:
        assert topic.key_serializer == topic.value_serializer == "raw"
        assert topic.key_type is topic.value_type is bytes
    # what a topic that somebody adds has where they say nothing
    assert app.conf.key_serializer == app.conf.value_serializer == "raw"
    assert app.conf.topic_disable_leader


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_bad_input(protocol: int, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    value = pickle.dumps(Trap(trap), protocol)
    with pytest.raises(BadInputError):
        decode_article(value, NOW)
    for model in (schemas.EnrichedArticle, schemas.Claim, schemas.Fact, schemas.Alert):
        with pytest.raises(BadInputError):
            decode(model, value)
    assert not trap.exists()
    # it would have worked
    pickle.loads(value)  # noqa: S301
    assert trap.exists()


def globals_of(pickled: bytes) -> set[str]:
    """What a pickle names, to be imported where it is read."""
    names, strings = set(), []
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name in ("SHORT_BINUNICODE", "BINUNICODE"):
            strings.append(argument)
        elif opcode.name == "STACK_GLOBAL":
            names.add(".".join(strings[-2:]))
        elif opcode.name == "GLOBAL":
            names.add(argument.replace(" ", "."))
    return names


def test_between_a_worker_and_its_children_goes_plain_data() -> None:
    """The pool pickles, over a pipe that only the two have: bytes and a few fields, never a model or a document."""
    text = "North Korea has sent 3,000 soldiers to Russia, South Korea's National Intelligence Service said on Monday."
    value = json.dumps({"text": text, "published_at": "2024-10-21"}).encode()
    extractor = Extractor.load(["en"])
    asked = [Job(each, NOW.timestamp(), None, []) for each in (value, b"not json")]
    answered = [read_article(extractor, job) for job in asked]
    assert globals_of(pickle.dumps(asked)) == {"streams.agents.enrich.Job"}
    # early versions of Python 3.11 pickle an enum's member as an attribute of it
    assert globals_of(pickle.dumps(answered)) - {"builtins.getattr"} == {
        "streams.agents.enrich.Enriched",
        "streams.sender.Outgoing",
        "streams.pool.Failure",
        "schemas.dead_letter.Stage",
    }
