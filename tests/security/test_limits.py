"""Records that whoever may write articles can send to do harm: none of them stops a worker, or is met twice."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, Producer
from pydantic import TypeAdapter

from streams.agents.dead_letters import dead_letter, headers_of, received_at
from streams.cloudevents import traceparent_of
from streams.codec import MAX_DEPTH
from streams.embedded import EmbeddedCluster
from streams.errors import KnowledgeError
from streams.knowledge_files import MAX_FILE, KnowledgeFile
from streams.pool import Failure, Stage
from streams.reading import MAX_PAGE, Fault, read
from streams.settings import MAX_DEAD_LETTER_BYTES, MAX_MESSAGE_BYTES
from streams.topics import ARTICLES
from tests.pipeline.driving import dead_letters, enriched
from tests.security.conftest import SecureKafka, Working
from tests.streams.commands import json_lines, tumen

TEXT = "Nothing was said of soldiers. " * 200


class Feeder:
    """A client that sends what it likes. Kafka's answers are in `refused`, by the code of the error."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self.refused: list[int] = []

    def send(self, value: bytes | None, codec: str = "none", **options: Any) -> None:
        producer = Producer(
            {
                "bootstrap.servers": self._servers,
                "compression.type": codec,
                "message.max.bytes": 1_000_000_000,
                "log_level": 0,
            }
        )
        answer = lambda error, _: self.refused.append(error.code()) if error else None  # noqa: E731
        producer.produce(ARTICLES, value, on_delivery=answer, **options)
        assert producer.flush(60) == 0

    def run(self, program: str, stdin: bytes) -> None:
        """Send with a program of its own, which is given the servers and the topic."""
        done = subprocess.run(
            [sys.executable, "-c", program, self._servers, ARTICLES], input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()


def article(name: str) -> bytes:
    return json.dumps({"id": name, "text": TEXT, "language": "en", "published_at": "2024-10-21"}).encode()


ODD_NAMES = """
import asyncio, os, sys
# the part that is written in C takes no subclass of str
os.environ["AIOKAFKA_NO_EXTENSIONS"] = "1"
from aiokafka import AIOKafkaProducer

class Name(str):
    def encode(self, *_):
        return b"\\xff\\xfe"

async def main():
    producer = AIOKafkaProducer(bootstrap_servers=sys.argv[1], linger_ms=500)
    await producer.start()
    for value in sys.stdin.buffer.read().splitlines():
        name = Name("b") if b"named oddly" in value else "a"
        # one batch: a partition of one
        await producer.send(sys.argv[2], value, partition=0, headers=[(name, b"1")])
    await producer.stop()

asyncio.run(main())
"""


@pytest.mark.faults
async def test_no_record_stops_a_worker(secure_kafka: SecureKafka, working: Working, tmp_path: Path) -> None:
    feeder = Feeder(secure_kafka.inner_servers)
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        feeder.send(article(codec), codec)
    assert feeder.refused == []

    # small as it is sent, and larger than any record may be: Kafka unpacks it and says no
    feeder.send(b'{"text": "' + b"a" * (2 * MAX_MESSAGE_BYTES) + b'"}', "gzip")
    assert feeder.refused == [KafkaError.MSG_SIZE_TOO_LARGE]

    # the largest that Kafka takes, none of them an article: each is a dead letter, which is larger still
    feeder.send(b"x" * (MAX_MESSAGE_BYTES - 200))
    feeder.send(b"[" * (MAX_MESSAGE_BYTES - 200))
    feeder.send(None, key=b"k" * 1000)
    feeder.send(b'{"text": "a", "x": ' + b'{"x": ' * MAX_DEPTH + b"1" + b"}" * (MAX_DEPTH + 1))
    feeder.send(article("null header"), headers=[("traceparent", None), ("tumen.history", None), ("", b"")])
    feeder.send(article("odd header"), headers=[("traceparent", b"\xff" * 1000)] * 1000)
    feeder.send(article("old"), timestamp=1)
    assert len(feeder.refused) == 1
    # names of headers that Kafka's Python clients cannot read, in the midst of others
    feeder.run(ODD_NAMES, b"\n".join(article(name) for name in ("before", "named oddly", "behind")))
    async with working(tmp_path / "data") as handled:
        await handled()
    settings = secure_kafka.inner_settings()
    found = {each.article.id for each in await enriched(settings)}
    assert found >= {"none", "gzip", "snappy", "lz4", "zstd", "null header", "odd header", "old"}
    assert found >= {"before", "named oddly", "behind"}
    letters = [(letter.code, len(record.value or b"")) for letter, record in await dead_letters(settings)]
    for expected in (
        ("invalid_json", MAX_MESSAGE_BYTES - 200),
        ("too_deep", MAX_MESSAGE_BYTES - 200),
        ("null_value", 0),
    ):
        assert letters.count(expected) == 1
    assert sum(code == "too_deep" for code, _ in letters) == 2


def test_a_record_whose_headers_cannot_be_read_is_shown() -> None:
    # Python checks calls of compiled code less once it has made them often
    names = [*(f"before {number}" for number in range(60)), "named oddly", "behind"]
    with EmbeddedCluster(partitions=1) as cluster:
        Feeder(cluster.bootstrap_servers).run(ODD_NAMES, b"\n".join(map(article, names)))
        environment = {"TUMEN_KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap_servers, "TUMEN_PARTITIONS": "1"}
        shown = tumen("tail", "articles", "--until-end", "--json", env=environment)
    assert shown.exit_code == 0
    assert [record["id"] for record in json_lines(shown)] == names


# files


def faults(path: Path) -> list[tuple[str, str]]:
    return [(item.code, item.message) for item in read([path], datetime.now(UTC)) if isinstance(item, Fault)]


def test_a_page_that_would_take_minutes_is_left_out(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(b"<html><body>" + b"<p>word " * (MAX_PAGE // 8))
    [(code, told)] = faults(page)
    assert code == "too_large"
    assert "4 MiB" in told


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize("value", [b"[" * 200_000, b'{"a":' * 200_000, b'{"text": "a", "n": ' + b"9" * 200_000 + b"}"])
def test_hostile_json_files_are_faults(tmp_path: Path, suffix: str, value: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(value)
    [(code, _)] = faults(path)
    assert code in ("too_deep", "invalid_json")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[" * 200_000, ":1: nested too deeply"),
        ("a:\n  " + "[\n" * 100, ":2: nested too deeply"),
        ("- " * 100 + "a", ":1: nested too deeply"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", ":1: used again by an alias"),
        ("a: &a [*a]", "alias"),
        ("x" * (MAX_FILE + 1), "larger than 4 MiB"),
        ("!!python/object/apply:os.system ['true']", "dict"),
    ],
    ids=["brackets", "lines", "dashes", "aliases", "circle", "size", "python"],
)
def test_a_hostile_knowledge_file_is_told(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "units.yaml"
    path.write_text(content)
    with pytest.raises(KnowledgeError) as refused:
        KnowledgeFile(path).read(TypeAdapter(dict[str, list[str]]))
    assert told in refused.value.message


# records in memory


def message(**fields: Any) -> Any:
    return SimpleNamespace(
        **{
            "topic": ARTICLES,
            "partition": 0,
            "offset": 0,
            "timestamp": 0.0,
            "key": None,
            "value": None,
            "headers": None,
        }
        | fields
    )


@pytest.mark.parametrize("timestamp", [None, -1.0, 1e12, 9.3e15, float("inf"), float("nan")])
def test_a_time_that_is_none_is_now(timestamp: float | None) -> None:
    before = datetime.now(UTC)
    assert before <= received_at(message(timestamp=timestamp)) <= datetime.now(UTC)


def test_a_time_is_taken_as_it_is_where_it_is_one() -> None:
    assert received_at(message(timestamp=253402300798.0)).year == 9999
    assert received_at(message(timestamp=0.0)).year == 1970


def test_the_largest_record_fits_with_its_reason() -> None:
    value = b"x" * MAX_MESSAGE_BYTES
    letter = dead_letter(message(value=value), Failure(Stage.DECODE, "invalid_json", "Ї" * 100_000))
    assert letter.value == value
    reason = sum(len(name) + len(content) for name, content in letter.headers)
    assert reason < MAX_DEAD_LETTER_BYTES - MAX_MESSAGE_BYTES - 10_000


def test_headers_without_a_value_are_empty() -> None:
    headers = headers_of(message(headers=(("traceparent", None),)))
    assert headers == [("traceparent", b"")]
    assert traceparent_of(headers) is None
