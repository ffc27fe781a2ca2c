"""The command `tumen` where it speaks to Kafka: on the embedded broker."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from schemas import Alert, Article
from streams.cli import clients
from streams.cli.clients import Received, Records
from streams.embedded import EmbeddedCluster
from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD_LETTERS, FACTS
from tests.pipeline.driving import read
from tests.streams.commands import REPORT, json_lines, started, tumen
from tests.streams.records import alert, claim

PRODUCE = 0  # Kafka's key of the request
TOO_LARGE = 10  # Kafka's code of the error


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedCluster]:
    """An embedded broker that the commands of the test use."""
    with EmbeddedCluster(partitions=2) as running:
        monkeypatch.setenv("TUMEN_KAFKA_BOOTSTRAP_SERVERS", running.bootstrap_servers)
        monkeypatch.setenv("TUMEN_PARTITIONS", "2")
        yield running


def on_topic(cluster: EmbeddedCluster, topic: str) -> list[Received]:
    with Records(cluster.settings(), topic, from_beginning=True) as records:
        return list(records.rest())


def send(cluster: EmbeddedCluster, topic: str, *records: dict[str, Any]) -> None:
    producer = Producer(cluster.settings().confluent_options())
    for record in records:
        producer.produce(topic, **record)
    assert producer.flush(30) == 0


def dead(code: str, number: int, topic: str = ARTICLES) -> dict[str, Any]:
    reason = {
        "topic": topic,
        "partition": 1,
        "offset": number,
        "stage": "decode",
        "code": code,
        "message": "Mend it.",
        "attempt": 1,
    }
    headers = [
        ("traceparent", b"00-x"),
        *((f"tumen.errors.{name}", str(value).encode()) for name, value in reason.items()),
    ]
    return {"key": f"k{number}".encode(), "value": f"\xff{number}".encode("latin-1"), "headers": headers}


def test_publish_sends_what_it_can_and_names_what_it_leaves_out(cluster: EmbeddedCluster, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.")
    (tmp_path / "b.json").write_text('[{"id": "b1", "text": "Two."}, {"id": "b2"}, {"id": "b3", "text": "Three."}]')
    (tmp_path / "c.txt").write_text("")
    result = tumen("publish", tmp_path)
    assert result.exit_code == 1
    assert result.stdout.startswith("published 3 articles")
    assert f"{tmp_path}/b.json:1: " in result.stderr
    assert result.stderr.splitlines()[-1] == f"left out 2: {tmp_path}/b.json:1, {tmp_path}/c.txt"

    records = on_topic(cluster, ARTICLES)
    articles = [Article.model_validate_json(record.value or b"") for record in records]
    assert sorted(article.text for article in articles) == ["One.", "Three.", "Two."]
    for record, article in zip(records, articles, strict=True):
        headers = dict(record.headers)
        assert record.key == (article.id or "").encode()
        assert headers["ce_type"] == b"tumen.article.published.v1"
        assert headers["content-type"] == b"application/json"


def test_publish_marks_an_archive(cluster: EmbeddedCluster) -> None:
    assert tumen("publish", "--history", "-", input='{"text": "One."}').exit_code == 0
    assert tumen("publish", "-", input='{"text": "One."}').exit_code == 0
    marks = [dict(record.headers).get("tumen.history") for record in on_topic(cluster, ARTICLES)]
    assert marks == [b"true", None]


def test_a_worker_cannot_learn_from_standard_input() -> None:
    result = tumen("worker", "--history", "-", input="")
    assert result.exit_code == 2
    assert "read twice" in result.stderr


def test_publishing_the_same_again_makes_the_same_event(cluster: EmbeddedCluster) -> None:
    for _ in range(2):
        assert tumen("publish", "-", input='{"id": "a", "text": "One.", "published_at": "2024-10-21"}').exit_code == 0
    first, second = on_topic(cluster, ARTICLES)
    assert first._replace(offset=0) == second._replace(offset=0)


def test_publish_names_what_the_broker_refuses(cluster: EmbeddedCluster) -> None:
    cluster.push_errors(PRODUCE, TOO_LARGE)
    result = tumen("publish", "-", input='{"id": "a", "text": "One."}')
    assert result.exit_code == 1
    assert result.stdout.startswith("published 0 articles")
    assert "standard input:1: Kafka at" in result.stderr
    assert "MSG_SIZE_TOO_LARGE" in result.stderr


@pytest.mark.parametrize(
    "command", [["publish", "-"], ["tail", "alerts"], ["dead-letters", "replay"], ["topics", "show"]]
)
def test_no_kafka_is_told_with_the_address_and_a_remedy(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setattr(clients, "_ASK_SECONDS", (1.0,))
    result = tumen(*command, input='{"text": "One."}', env={"TUMEN_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"})
    assert result.exit_code == 1
    assert "127.0.0.1:9" in result.stderr
    assert "make kafka" in result.stderr


def test_missing_topics_are_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedCluster(topics={"other": 1}) as cluster:
        result = tumen("tail", "alerts", env={"TUMEN_KAFKA_BOOTSTRAP_SERVERS": cluster.bootstrap_servers})
    assert result.exit_code == 1
    assert "tumen topics create" in result.stderr


def test_topics_are_shown_and_their_faults_fail(cluster: EmbeddedCluster) -> None:
    result = tumen("topics", "show", "--json")
    assert result.exit_code == 0
    shown = {record["name"]: record for record in json_lines(result)}
    assert shown[CLAIMS]["exists"]
    assert shown[CLAIMS]["partitions"] == 2
    assert CLAIMS in tumen("topics", "show").stdout
    wrong = tumen("topics", "show", env={"TUMEN_PARTITIONS": "3"})
    assert wrong.exit_code == 1
    assert "TUMEN_PARTITIONS=2" in wrong.stderr


def test_topics_that_are_there_are_left_as_they_are(cluster: EmbeddedCluster) -> None:
    result = tumen("topics", "create")
    assert result.exit_code == 0
    assert "all topics are there" in result.stdout


def test_tail_prints_what_is_there_with_fields_it_does_not_know(cluster: EmbeddedCluster) -> None:
    values = [{"id": f"a{number}", "text": "T\x9b\nx", "later": {"n": 1.5}} for number in range(5)]
    # spread over lines, as another program may write it
    send(cluster, ARTICLES, *({"key": value["id"], "value": json.dumps(value, indent=1)} for value in values))
    result = tumen("tail", "articles", "--until-end", "--json")
    assert result.exit_code == 0
    assert sorted(json_lines(result), key=lambda value: str(value["id"])) == values
    assert "\x9b" not in result.stdout
    assert len(tumen("tail", "articles", "--from-beginning", "--limit", "2", "--json").stdout.splitlines()) == 2


def test_tail_waits_for_a_partition_to_find_its_leader(cluster: EmbeddedCluster) -> None:
    send(cluster, ARTICLES, {"value": b'{"text": "x"}'})
    list_offsets, not_leader = 2, 6
    cluster.push_errors(list_offsets, not_leader, not_leader)
    result = tumen("tail", "articles", "--until-end", "--json")
    assert (result.exit_code, json_lines(result)) == (0, [{"text": "x"}])


def test_tail_names_what_does_not_belong_and_goes_on(cluster: EmbeddedCluster) -> None:
    send(cluster, ALERTS, {"value": b"\xff"}, {"value": b'{"id": "x"}'})
    for option, told in (["--json"], "invalid_json"), ([], "not_utf8"):
        result = tumen("tail", "alerts", "--until-end", *option)
        assert result.exit_code == 0
        assert told in result.stderr
        assert ALERTS in result.stderr


def test_tail_shows_what_its_filters_choose_and_looks_back_with_since(cluster: EmbeddedCluster) -> None:
    send(
        cluster,
        ALERTS,
        *(
            {"value": alert(id=f"n{number}", claim=claim(published_at=day)).model_dump_json()}
            for number, day in enumerate(("2024-10-20", "2024-10-21", "2024-10-22"))
        ),
        {"value": b'{"id": "none"}'},
    )
    since = ("tail", "alerts", "--since", "2024-10-21", "--json")
    found = tumen(*since, "--limit", "2")
    assert sorted(record["id"] for record in json_lines(found)) == ["n1", "n2"]
    assert json_lines(tumen(*since, "--until-end", "--grade", "A1")) == []
    told = tumen(*since, "--until-end", "--kind", "new")
    assert "missing_field" in told.stderr
    assert "Troops were sent." in tumen("tail", "alerts", "--until-end", "--party", "kp").stdout


def test_a_filter_that_the_topic_has_nothing_for_is_wrong_use() -> None:
    for topic, option, value in (
        ("claims", "--kind", "new"),
        ("facts", "--grade", "B2"),
        ("facts", "--language", "uk"),
        ("articles", "--type", "arms"),
        ("dead-letters", "--since", "2024"),
    ):
        result = tumen("tail", topic, option, value)
        assert result.exit_code == 2
        assert f"{option} does not go with {topic}" in result.stderr


def test_tail_tells_that_a_claim_was_withdrawn(cluster: EmbeddedCluster) -> None:
    taken_back = {"id": "c1", "article_id": "a1", "type": "arms", "actor": "KP", "recipient": "RU"}
    value = taken_back | {"withdrawn_at": "2024-10-22T00:00:00Z", "revision": "r"}
    send(cluster, CLAIMS, {"value": json.dumps(value), "headers": [("ce_type", b"tumen.claim.withdrawn.v1")]})
    shown = "2024-10-22  arms  KP→RU  withdrawn: claim c1 of article a1\n"
    assert tumen("tail", "claims", "--until-end", "--type", "arms", "--since", "2024-10-22").stdout == shown
    assert json_lines(tumen("tail", "claims", "--until-end", "--json")) == [value]
    assert not tumen("tail", "claims", "--until-end", "--type", "troops").stdout


def test_tail_tells_that_a_fact_was_deleted(cluster: EmbeddedCluster) -> None:
    send(cluster, FACTS, {"key": b"f1", "value": None})
    assert json.loads(tumen("tail", "facts", "--until-end", "--json").stdout) == {"id": "f1", "deleted": True}
    assert "f1  deleted" in tumen("tail", "facts", "--until-end").stdout


def test_tail_shows_dead_letters_with_reason_and_bytes(cluster: EmbeddedCluster) -> None:
    send(cluster, DEAD_LETTERS, dead("not_utf8", 7) | {"value": b"\xff\x1b[31m"})
    record = json.loads(tumen("tail", "dead-letters", "--until-end", "--json").stdout)
    assert record["tumen.errors.code"] == "not_utf8"
    assert record["tumen.errors.offset"] == 7
    assert record["key"] == "k7"
    assert record["value_base64"] == "/xtbMzFt"
    shown = tumen("tail", "dead-letters", "--until-end").stdout
    assert "not_utf8  decode  tumen.articles.v1/1@7" in shown
    assert "Mend it." in shown
    assert "\x1b" not in shown


def test_dead_letters_are_published_again_once_as_they_came(cluster: EmbeddedCluster) -> None:
    send(cluster, DEAD_LETTERS, dead("too_large", 1), dead("refused", 2), dead("too_large", 3, topic=CLAIMS))
    some = tumen("dead-letters", "replay", "--code", "too_large")
    assert some.exit_code == 0
    assert some.stdout.startswith("published 2 dead letters again; 0 had been")
    (record,) = on_topic(cluster, ARTICLES)
    assert (record.key, record.value, record.headers) == (b"k1", b"\xff1", [("traceparent", b"00-x")])
    assert [record.key for record in on_topic(cluster, CLAIMS)] == [b"k3"]

    rest = tumen("dead-letters", "replay")
    assert rest.stdout.startswith("published 1 dead letters again; 2 had been")
    assert sorted(record.key or b"" for record in on_topic(cluster, ARTICLES)) == [b"k1", b"k2"]

    send(cluster, DEAD_LETTERS, dead("refused", 4))
    assert tumen("dead-letters", "replay").stdout.startswith("published 1 dead letters again; 3 had been")


def test_a_dead_letter_is_published_again_with_the_date_that_it_had(cluster: EmbeddedCluster) -> None:
    told = dead("extract_failed", 1)
    told["headers"].append(("tumen.errors.timestamp", b"1700000000500"))
    send(cluster, DEAD_LETTERS, told)
    assert tumen("dead-letters", "replay").exit_code == 0
    (record,) = asyncio.run(read(cluster.settings(), ARTICLES))
    assert record.timestamp == 1700000000500


def test_dead_letters_that_the_broker_refuses_are_kept_for_the_next_time(cluster: EmbeddedCluster) -> None:
    send(cluster, DEAD_LETTERS, dead("refused", 1))
    cluster.push_errors(PRODUCE, TOO_LARGE)
    result = tumen("dead-letters", "replay")
    assert result.exit_code == 1
    assert "refused" in result.stderr
    assert tumen("dead-letters", "replay").stdout.startswith("published 1 dead letters again")


def test_a_record_that_is_no_dead_letter_is_left_out(cluster: EmbeddedCluster) -> None:
    send(cluster, DEAD_LETTERS, {"value": b"x"}, dead("refused", 1, topic="somebody.elses"), dead("refused", 2))
    result = tumen("dead-letters", "replay")
    assert result.exit_code == 1
    assert result.stdout.startswith("published 1 dead letters again")
    assert "somebody.elses" in result.stderr
    assert result.stderr.splitlines()[-1] == "left out 2"


def test_ctrl_c_ends_tail_quietly(cluster: EmbeddedCluster) -> None:
    with started("tail", "articles", "--json") as process:
        assert process.stderr is not None
        assert process.stdout is not None
        assert process.stderr.readline().startswith("reading tumen.articles.v1")
        send(cluster, ARTICLES, {"value": b'{"text": "x"}'})
        assert json.loads(process.stdout.readline()) == {"text": "x"}
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""


def test_tail_ends_quietly_when_nobody_reads_on(cluster: EmbeddedCluster) -> None:
    send(cluster, ARTICLES, *({"value": json.dumps({"text": "x" * 1000})} for _ in range(500)))
    with started("tail", "articles", "--from-beginning", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        process.wait(30)
        assert "Traceback" not in process.stderr.read()


def test_run_once_handles_all_and_ends(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "text": REPORT, "published_at": "2024-10-21"}) + "\n{}\n")
    result = tumen("run", "--once", "--json", tmp_path, env={"TUMEN_PARTITIONS": "2"})
    assert result.exit_code == 1  # for the second line
    alerts = [Alert.model_validate_json(line) for line in result.stdout.splitlines()]
    assert {(alert.article_id, alert.kind) for alert in alerts} == {("a", "new")}
    assert "\n1 articles, " in result.stderr
    assert f" {len(alerts)} alerts, 0 dead letters in " in result.stderr
    assert "[missing_text]" in result.stderr


def test_run_takes_articles_from_others_until_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Rain is expected.")
    environment = os.environ | {"TUMEN_PARTITIONS": "2", "PYTHONUNBUFFERED": "1"}
    with started("run", tmp_path, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stderr.readline().split()[3].rstrip(";")
        article = json.dumps({"text": REPORT, "source": "Ledger", "published_at": "2024-10-21"})
        published = tumen("publish", "-", input=article, env={"TUMEN_KAFKA_BOOTSTRAP_SERVERS": address})
        assert published.exit_code == 0
        head, _, row = (process.stdout.readline() for _ in range(3))
        assert head.split() == ["date", "kind", "grade", "source", "headline"]
        assert row.split()[:4:3] == ["2024-10-21", "Ledger"]
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
        rest = process.stdout.read()
        assert " articles, " in rest
        assert " 0 dead letters in " in rest
        assert "Where to go next" in rest
