"""The commands on a real Kafka: what differs from the embedded broker is making topics, configurations and groups."""

import json
import subprocess

import pytest

from schemas import Alert
from streams.topics import ARTICLES, FACTS, TOPICS
from tests.streams.commands import REPORT, json_lines, started, tumen


def test_the_commands_take_an_article_from_nothing_to_an_alert(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUMEN_KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("TUMEN_PARTITIONS", "2")
    monkeypatch.setenv("TUMEN_TABLE_STORE", "memory")

    missing = tumen("topics", "show")
    assert missing.exit_code == 1
    assert "tumen topics create" in missing.stderr
    early = tumen("publish", "-", input='{"text": "Too early."}')
    assert early.exit_code == 1
    assert "tumen topics create" in early.stderr

    made = tumen("topics", "create")
    assert made.exit_code == 0
    assert len(made.stdout.splitlines()) == len(TOPICS)
    shown = tumen("topics", "show", "--json")
    assert shown.exit_code == 0
    facts = next(record for record in json_lines(shown) if record["name"] == FACTS)
    assert (facts["partitions"], facts["configs"]["cleanup.policy"]) == (2, "compact")

    article = json.dumps({"id": "a", "text": REPORT, "published_at": "2024-10-21"})
    published = tumen("publish", "-", input=f"{article}\nnot JSON\n")
    assert published.exit_code == 1
    assert published.stdout.startswith(f"published 1 articles to {ARTICLES}")
    assert json.loads(tumen("tail", "articles", "--until-end", "--json").stdout)["id"] == "a"

    with started("worker", stderr=subprocess.DEVNULL) as worker:
        try:
            tailed = tumen("tail", "alerts", "--from-beginning", "--limit", "1", "--json")
        finally:
            worker.terminate()
        assert worker.wait(30) == 0
    assert tailed.exit_code == 0
    assert Alert.model_validate_json(tailed.stdout).article_id == "a"
    assert "a" in tumen("tail", "enriched", "--until-end").stdout
    again = tumen("dead-letters", "replay")
    assert (again.exit_code, again.stdout) == (0, "published 0 dead letters again; 0 had been already\n")
