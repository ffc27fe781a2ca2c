"""What docs/feeders.md and docs/subscribers.md show is run here: their clients, their records, their tables."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition
from jsonschema import Draft202012Validator
from rich.console import Console

from schemas import AlertKind, Article, ClaimType
from schemas.export import CHANNELS, json_schemas
from streams import codec
from streams.cli.extraction import Report, assessed
from streams.codec import decode_article
from streams.embedded import EmbeddedCluster
from streams.extract import Extractor
from streams.reading import Found, read
from streams.rendering import AlertTable
from streams.topics import ALERTS, ARTICLES, DEAD_LETTERS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
STREAMS = ROOT / "streams"
SERVERS = "127.0.0.1:9092"
"""The address that the pages show."""

NOW = datetime(2024, 10, 24, tzinfo=UTC)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def examples(name: str, language: str, containing: str) -> list[str]:
    found = [block for block in re.findall(rf"```{language}\n(.*?)```", page(name), re.S) if containing in block]
    assert found, f"{name} shows no {language} with {containing}"
    return found


def table(name: str, first: str) -> list[list[str]]:
    """The rows of the table whose first column is headed `first`."""
    lines = page(name).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(partitions=1) as cluster:
        yield cluster


@pytest.fixture
def received(cluster: EmbeddedCluster) -> Iterator["Received"]:
    received = Received(cluster.bootstrap_servers)
    yield received
    received.consumer.close()


class Received:
    """What comes on the articles topic from now on."""

    def __init__(self, servers: str) -> None:
        self.consumer = Consumer({"bootstrap.servers": servers, "group.id": "test", "enable.auto.commit": False})
        _, end = self.consumer.get_watermark_offsets(TopicPartition(ARTICLES, 0), timeout=10)
        self.consumer.assign([TopicPartition(ARTICLES, 0, end)])

    def next(self) -> Message:
        message = self.consumer.poll(20)
        assert message is not None, "nothing was published"
        assert message.error() is None
        return message


def needs(command: str) -> None:
    if shutil.which(command) is None:
        pytest.skip(f"{command} is not installed")


def run(arguments: list[str], folder: Path) -> str:
    """What a command prints; its fault and its messages where it fails."""
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("library", ["aiokafka", "confluent_kafka"])
def test_the_python_feeders_feed(library: str, cluster: EmbeddedCluster, received: Received, tmp_path: Path) -> None:
    [example] = examples("feeders.md", "python", f"from {library} import")
    run([sys.executable, "-c", example.replace(SERVERS, cluster.bootstrap_servers)], tmp_path)
    message = received.next()
    article = decode_article(message.value(), NOW)
    assert article.url == message.key().decode()
    assert article.published_at == NOW


def test_the_kcat_feeders_feed(cluster: EmbeddedCluster, received: Received, tmp_path: Path) -> None:
    needs("kcat")
    needs("jq")
    article = {"url": "https://straitcourier.example/a", "text": "Перший рядок.\n북한"}
    (tmp_path / "articles.jsonl").write_text(json.dumps(article, ensure_ascii=False) + "\n", encoding="utf-8")
    commands = examples("feeders.md", "sh", "articles.jsonl")
    for example, key in zip(commands, [None, article["url"].encode()], strict=True):
        run(["bash", "-c", example.replace(SERVERS, cluster.bootstrap_servers)], tmp_path)
        message = received.next()
        assert message.key() == key
        assert decode_article(message.value(), NOW).text == article["text"]


def test_the_python_subscriber_reads_and_drops_what_comes_again(cluster: EmbeddedCluster) -> None:
    producer = Producer({"bootstrap.servers": cluster.bootstrap_servers})
    first = {"id": "n1", "kind": "new", "grade": "B3", "headline": "Перше", "url": None}
    for alert in (first, first, first | {"id": "n2", "headline": "Друге"}):
        producer.produce(ALERTS, key="f1", value=json.dumps(alert))
    assert producer.flush(20) == 0
    [example] = examples("subscribers.md", "python", "AIOKafkaConsumer")
    reader = subprocess.Popen(
        [sys.executable, "-c", example.replace(SERVERS, cluster.bootstrap_servers)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert reader.stdout is not None
    try:
        lines = [reader.stdout.readline().decode() for _ in range(2)]
    finally:
        reader.kill()
        reader.communicate()
    assert lines == ["new B3 Перше None\n", "new B3 Друге None\n"]


def test_the_kcat_subscriber_reads(cluster: EmbeddedCluster, tmp_path: Path) -> None:
    needs("kcat")
    needs("jq")
    claim = {"type": "troops", "published_at": "2024-10-24T06:30:00Z"}
    alert = {"kind": "new", "grade": "B3", "headline": "Заголовок", "claim": claim}
    producer = Producer({"bootstrap.servers": cluster.bootstrap_servers})
    for value in (alert, alert | {"kind": "corroborated"}, alert | {"claim": claim | {"type": "arms"}}):
        producer.produce(ALERTS, value=json.dumps(value))
    assert producer.flush(20) == 0
    [example] = examples("subscribers.md", "sh", "kcat")
    once = example.replace(SERVERS, cluster.bootstrap_servers).replace(" -C ", " -C -e ").replace("beginning", "-3")
    assert run(["bash", "-c", once], tmp_path) == "2024-10-24\tnew\tB3\tЗаголовок\n"


def test_the_articles_shown_raise_the_alerts_shown(tmp_path: Path) -> None:
    [articles] = examples("subscribers.md", "jsonl", '"published_at"')
    (tmp_path / "articles.jsonl").write_text(articles, encoding="utf-8")
    extractor = Extractor.load()
    reports = [
        Report(found.published_at, str(found.article.id), extractor.extract(found.article).claims)
        for found in read([tmp_path], NOW)
        if isinstance(found, Found)
    ]
    out = io.StringIO()
    alerts = AlertTable(Console(file=out, width=120, markup=False, highlight=False, emoji=False))
    raised = [alert for assessment in assessed(reports) for alert in assessment.alerts]
    for alert in raised:
        alerts.add(alert)
    shown = "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())
    assert shown == re.findall(r"<!-- output: replay -->\n```text\n(.*?)```", page("subscribers.md"), re.S)[0].strip()
    assert {alert.kind for alert in raised} == set(AlertKind)


@pytest.mark.parametrize("noun", ["enriched", "claim", "withdrawal", "fact", "alert"])
def test_the_records_shown_are_records(noun: str) -> None:
    [shown] = re.findall(rf"<!-- record: {noun} -->\n```json\n(.*?)```", page("subscribers.md"), re.S)
    Draft202012Validator(json_schemas()[noun]).validate(json.loads(shown))


@pytest.mark.parametrize(
    ("column", "values"),
    [("kind", AlertKind), ("topic", {channel.address for channel in CHANNELS} - {ARTICLES})],
)
def test_tables_for_subscribers_are_whole(column: str, values: Iterable[str]) -> None:
    assert {row[0].strip("`") for row in table("subscribers.md", column)} == set(values)


def test_every_type_of_claim_is_named() -> None:
    [types] = [row[1] for row in table("subscribers.md", "field") if row[0] == "`type`"]
    assert types.replace("`", "").split(", ") == list(ClaimType)


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        if ":" in name:
            continue
        found = (path.parent / name).resolve() if name else path
        assert found.exists(), f"{path.name}: {target} leads nowhere"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.M)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, f"{path.name}: {found.name} has no heading {anchor}"


def test_the_first_article_shown_is_one() -> None:
    [example] = examples("feeders.md", "json", '"text"')
    Draft202012Validator(json_schemas()["article"]).validate(json.loads(example))
    assert decode_article(example.encode(), NOW).source == "The Strait Courier"


def test_every_field_of_an_article_is_explained() -> None:
    assert {row[0].strip("`") for row in table("feeders.md", "field")} == set(Article.model_fields)


def test_every_code_of_a_dead_letter_is_explained() -> None:
    explained = {row[0].strip("`") for row in table("feeders.md", "code")}
    reading = (STREAMS / "codec.py").read_text(encoding="utf-8")
    given = set(re.findall(r'code="(\w+)"', reading)) | {
        codec._CODES[name] for name in codec._CODES if name != "missing"
    }
    handling = "".join(path.read_text(encoding="utf-8") for path in (STREAMS / "pool.py", *STREAMS.glob("agents/*.py")))
    given |= set(re.findall(r'Stage\.[A-Z]+,\s+"(\w+)"', handling))
    assert given - {"invalid_value"} <= explained
    everything = "".join(path.read_text(encoding="utf-8") for path in STREAMS.rglob("*.py"))
    assert {code for code in explained if f'"{code}"' not in everything} == set()


def test_dead_letters_are_shown_with_their_reason(cluster: EmbeddedCluster, tmp_path: Path) -> None:
    needs("kcat")
    needs("jq")
    producer = Producer({"bootstrap.servers": cluster.bootstrap_servers})
    reason = {"tumen.errors.code": "empty_text", "tumen.errors.message": "text is empty"}
    producer.produce(DEAD_LETTERS, key="a", value=b"{}", headers=reason)
    assert producer.flush(20) == 0
    [example] = examples("feeders.md", "sh", "tumen.dead-letters.v1")
    shown = run(["bash", "-c", example.replace(SERVERS, cluster.bootstrap_servers)], tmp_path)
    assert shown == "empty_text\ttext is empty\n"
