"""A client that knows nothing of Tumen: `kcat` feeds an article, and reads what the published schemas promise."""

import json
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from streams.topics import ALERTS, ARTICLES, CLAIMS, DEAD_LETTERS, ENRICHED, FACTS

SCHEMAS = Path(__file__).parents[2] / "schemas" / "json"

ARTICLE = {
    "url": "https://wire.example/2024/10/23/austin",
    "title": "US says North Korean troops are in Russia",
    "source": "Example Wire",
    "published_at": "2024-10-23T15:00:00Z",
    "text": "The United States has seen evidence that North Korea has sent 3,000 troops to Russia, Defense Secretary "
    "Lloyd Austin said on Wednesday. What they are to do there is not known.",
    "desk": "world: a field that Tumen does not know",
}


@pytest.fixture
def kcat(missing: Callable[[str], object], kafka: str) -> Callable[..., str]:
    """Runs kcat on the broker and returns what it prints."""
    if shutil.which("kcat") is None:
        missing("no kcat command: install it (Debian: apt-get install kcat)")

    def run(*arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["kcat", "-q", "-b", kafka, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def read(kcat: Callable[..., str], topic: str) -> list[tuple[str, dict[str, str], dict[str, object]]]:
    """Key, headers and value of each record of a topic."""
    printed = kcat("-C", "-t", topic, "-o", "beginning", "-e", "-f", "%k\\t%h\\t%s\\n")
    found = []
    for line in printed.splitlines():
        key, headers, value = line.split("\t", 2)
        found.append((key, dict(header.split("=", 1) for header in headers.split(",")), json.loads(value)))
    return found


async def test_kcat_feeds_an_article_and_reads_records_that_the_schemas_describe(
    kcat: Callable[..., str],
    tumen: Callable[..., "subprocess.CompletedProcess[str]"],
    start: Callable[..., "subprocess.Popen[bytes]"],
    handled: Callable[[], Awaitable[None]],
) -> None:
    tumen("topics", "create")
    kcat("-P", "-t", ARTICLES, stdin=json.dumps(ARTICLE))
    start("worker")
    await handled()

    assert kcat("-C", "-t", DEAD_LETTERS, "-o", "beginning", "-e") == ""
    found = {}
    for topic, schema in ((ENRICHED, "enriched"), (CLAIMS, "claim"), (FACTS, "fact"), (ALERTS, "alert")):
        validator = Draft202012Validator(
            json.loads((SCHEMAS / f"{schema}.v1.json").read_text(encoding="utf-8")),
            format_checker=FormatChecker(),
        )
        found[topic] = read(kcat, topic)
        assert found[topic], f"nothing on {topic}"
        for key, headers, value in found[topic]:
            assert list(validator.iter_errors(value)) == []
            assert key
            assert headers["ce_specversion"] == "1.0"
            assert headers["ce_type"].startswith("tumen.")
            assert headers["content-type"] == "application/json"

    [(key, _, enriched)] = found[ENRICHED]
    assert isinstance(enriched["article"], dict)
    assert enriched["article"]["text"] == ARTICLE["text"]
    assert key == enriched["article"]["id"]
    assert {value["fact_id"] for _, _, value in found[ALERTS]} <= {key for key, _, _ in found[FACTS]}
    assert {value["url"] for _, _, value in found[ALERTS]} == {ARTICLE["url"]}
