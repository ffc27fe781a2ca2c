"""The command `tumen` where it needs no Kafka."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

import seeds
from schemas import Alert, EnrichedArticle
from streams.cli import extraction
from tests.pipeline.extractors import load_wicked_with, load_word_with
from tests.streams.commands import json_lines, tumen

REPORT = "About 3000 troops were seen."
SEEDS = Path(seeds.__file__).parent


@pytest.fixture(autouse=True)
def logs_of_its_own() -> Iterator[None]:
    """Commands send logs to their standard error, which is gone after the test."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def word_extractor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extraction that is quick and predictable: a claim for the word "troops"."""
    monkeypatch.setattr(extraction, "Extractor", SimpleNamespace(load=load_word_with))


@pytest.fixture
def wicked_extractor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extraction that hangs on an article with the word "HANG"."""
    monkeypatch.setattr(extraction, "Extractor", SimpleNamespace(load=load_wicked_with))


COMMANDS = [
    ("run",),
    ("worker",),
    ("publish",),
    ("tail",),
    ("extract",),
    ("replay",),
    ("topics", "create"),
    ("topics", "show"),
    ("dead-letters", "replay"),
    ("schemas", "export"),
    ("settings",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(command: tuple[str, ...]) -> None:
    result = tumen(*command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"tumen {' '.join(command)}" in result.stdout.partition("Example")[2]


def test_help_lists_every_command_and_the_version_is_told() -> None:
    listed = tumen("--help").stdout.partition("Commands:")[2].split()
    assert {command[0] for command in COMMANDS} <= set(listed)
    assert tumen("--version").stdout.startswith("tumen ")


def test_help_is_quick_as_it_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom streams.cli import main\n"
        "try:\n    main(['--help'])\n"
        "finally:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"aiokafka", "confluent_kafka", "faust", "pydantic", "rich", "spacy", "trafilatura"}
    assert not heavy & set(done.stderr.split())


@pytest.mark.parametrize("command", ["extract", "replay", "publish", "run"])
def test_a_path_that_is_not_there_is_wrong_use(command: str) -> None:
    result = tumen(command, "nowhere/article.txt")
    assert result.exit_code == 2
    assert "nowhere/article.txt" in result.stderr
    assert not result.stdout


def test_no_path_is_wrong_use() -> None:
    assert tumen("extract").exit_code == 2


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder with articles, faults and files of other kinds."""
    (tmp_path / "a.txt").write_text(REPORT)
    (tmp_path / "b.txt").write_bytes("Une délégation".encode("latin-1"))
    lines = [
        '{"id": "c1", "text": "Rain is expected."}',
        '{"text": 5}',
        '{"id": "c3", "text": "Bonjour.", "language": "fr"}',
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    (tmp_path / "d.pdf").write_bytes(b"%PDF")
    return tmp_path


@pytest.mark.usefixtures("word_extractor")
def test_extract_reads_what_it_can_and_names_what_it_leaves_out(mixed: Path) -> None:
    result = tumen("extract", "--json", mixed)
    assert result.exit_code == 1
    read = [EnrichedArticle.model_validate(record) for record in json_lines(result)]
    assert [enriched.article.id for enriched in read][1:] == ["c1", "c3"]
    assert [enriched.relevant for enriched in read] == [True, False, False]
    for claim in read[0].claims:
        assert read[0].article.text[claim.evidence.start : claim.evidence.end] == claim.evidence.text

    told = result.stderr.splitlines()
    assert next(line for line in told if line.startswith(f"{mixed}/b.txt: ")).endswith("[not_utf8]")
    assert next(line for line in told if line.startswith(f"{mixed}/c.jsonl:2: ")).endswith("[wrong_type]")
    assert any("passed over" in line and "d.pdf" in line for line in told)
    assert told[-1] == f"left out 2: {mixed}/b.txt, {mixed}/c.jsonl:2"


@pytest.mark.usefixtures("word_extractor")
def test_extract_shows_people_claims_that_cannot_steer_the_terminal(tmp_path: Path) -> None:
    article = {"text": REPORT, "title": "Title\x9b31m[bold]", "source": "Ledger", "published_at": "2024-10-21"}
    result = tumen("extract", "-", input=json.dumps(article))
    assert result.exit_code == 0
    assert "\x9b" not in result.stdout
    assert "Title\\x9b31m[bold]" in result.stdout
    for word in ("Ledger", "2024-10-21", "troops", "KP→RU", "happened", "passage"):
        assert word in result.stdout


@pytest.mark.usefixtures("word_extractor")
def test_many_articles_keep_their_order() -> None:
    ids = [f"article-{number}" for number in range(120)]
    lines = "\n".join(json.dumps({"id": id_, "text": f"Nothing happened on day {id_}."}) for id_ in ids)
    result = tumen("extract", "--json", "-", input=lines, env={"TUMEN_PROCESSES": "2", "TUMEN_BATCH_SIZE": "4"})
    assert result.exit_code == 0
    assert [record["article"]["id"] for record in json_lines(result)] == ids


@pytest.mark.usefixtures("wicked_extractor")
def test_an_article_that_cannot_be_handled_is_left_out_and_the_rest_goes_on() -> None:
    lines = "\n".join(json.dumps({"id": text, "text": text}) for text in ("troops", "RAISE", "HANG", "rain"))
    environment = {"TUMEN_EXTRACTION_TIME_LIMIT": "1", "TUMEN_MAX_TRIES": "1"}
    result = tumen("extract", "--json", "-", input=lines, env=environment)
    assert result.exit_code == 1
    assert [record["article"]["id"] for record in json_lines(result)] == ["troops", "rain"]
    assert [line.split(": ")[0] for line in result.stderr.splitlines() if line.endswith("[extract_failed]")] == [
        "standard input:2"
    ]
    assert [line.split(": ")[0] for line in result.stderr.splitlines() if line.endswith("[extract_timeout]")] == [
        "standard input:3"
    ]


def test_replay_raises_alerts_in_order_of_date() -> None:
    result = tumen("replay", "--json", *sorted(SEEDS.glob("*.jsonl"), reverse=True))
    assert result.exit_code == 0
    alerts = [Alert.model_validate(record) for record in json_lines(result)]
    dates = [alert.claim.published_at for alert in alerts]
    assert dates == sorted(dates)
    assert len(set(dates)) > 1
    assert [alert.raised_at for alert in alerts] == dates
    assert f"{len(alerts)} alerts" in result.stderr


@pytest.mark.usefixtures("word_extractor")
def test_replay_assesses_all_and_shows_what_its_filters_choose() -> None:
    article = json.dumps({"text": REPORT, "published_at": "2024-10-21"})
    for option, value, shown in (("--since", "2024-10-21", 1), ("--since", "2024-10-22", 0), ("--kind", "update", 0)):
        result = tumen("replay", "--json", "-", option, value, input=article)
        assert len(json_lines(result)) == shown
        assert f"1 facts, 1 alerts, {shown} of them shown" in result.stderr


@pytest.mark.usefixtures("word_extractor")
def test_replay_is_as_sure_of_its_alerts_as_the_setting_asks() -> None:
    article = json.dumps({"text": REPORT, "published_at": "2024-10-21"})
    for least, raised in (("0.9", 1), ("0.95", 0)):
        result = tumen("replay", "--json", "-", input=article, env={"TUMEN_ALERTS_MIN_CONFIDENCE": least})
        assert len(json_lines(result)) == raised


@pytest.mark.usefixtures("word_extractor")
def test_replay_learns_history_in_silence_and_an_article_that_comes_twice_once(tmp_path: Path) -> None:
    archive = tmp_path / "archive.jsonl"
    archive.write_text(json.dumps({"id": "old", "text": "5 troops", "published_at": "2024-10-20"}))
    again = json.dumps({"id": "new", "text": "5 troops", "published_at": "2024-10-21"})
    without = tumen("replay", "--json", "-", input=f"{again}\n{again}")
    assert [alert["article_id"] for alert in json_lines(without)] == ["new"]
    known = tumen("replay", "--json", "--history", archive, "-", input=again)
    assert json_lines(known) == []
    assert "1 articles, 1 of history, 1 claims, 1 facts, 0 alerts" in known.stderr


@pytest.mark.usefixtures("word_extractor")
def test_replay_shows_people_a_table() -> None:
    result = tumen("replay", "-", input=json.dumps({"text": REPORT, "source": "Ledger", "published_at": "2024-10-21"}))
    assert result.exit_code == 0
    head, _, row, *_ = result.stdout.splitlines()
    assert head.split() == ["date", "kind", "grade", "source", "headline"]
    assert row.split()[:2] == ["2024-10-21", "new"]


def test_settings_are_listed_without_secrets() -> None:
    environment = {
        "TUMEN_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "TUMEN_KAFKA_SASL_USERNAME": "reader",
        "TUMEN_KAFKA_SASL_PASSWORD": "open-sesame",
    }
    for option in ([], ["--json"]):
        result = tumen("settings", *option, env=environment)
        assert result.exit_code == 0
        assert "reader" in result.stdout
        assert "open-sesame" not in result.output
        assert "TUMEN_GROUP_ID" in result.stdout


def test_a_wrong_setting_is_wrong_use_and_named() -> None:
    result = tumen("settings", env={"TUMEN_PARTITIONS": "many"})
    assert result.exit_code == 2
    assert "TUMEN_PARTITIONS" in result.stderr


def test_the_contract_is_exported(tmp_path: Path) -> None:
    result = tumen("schemas", "export", tmp_path / "contract")
    assert result.exit_code == 0
    written = [Path(line) for line in result.stdout.splitlines()]
    assert tmp_path / "contract" / "json" / "claim.v1.json" in written
    assert all(path.stat().st_size for path in written)
