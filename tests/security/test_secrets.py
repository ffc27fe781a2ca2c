"""Passwords and articles' texts are shown nowhere: in no log at any level, no help, message, traceback or repr."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from confluent_kafka import Producer

from streams.agents.sent import SentAlerts
from streams.app import create_app
from streams.cli import main
from streams.progress import wait_until_handled
from streams.sender import Sender
from streams.settings import Settings
from streams.topics import ARTICLES
from tests.security.conftest import TUMEN, SecureKafka
from tests.streams.commands import tumen

SECRET = "hunter2-never-to-be-seen"  # noqa: S105 made up here
KEY_SECRET = "hunter3-never-to-be-seen"  # noqa: S105 made up here

MARK = "Kvitkarnya"
"""A word that stands in the text of articles and nowhere else."""

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def nobody_listens() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A user's settings with two secrets, for a Kafka that is not there."""
    return {
        "TUMEN_KAFKA_BOOTSTRAP_SERVERS": nobody_listens(),
        "TUMEN_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "TUMEN_KAFKA_SASL_MECHANISM": "PLAIN",
        "TUMEN_KAFKA_SASL_USERNAME": "worker",
        "TUMEN_KAFKA_SASL_PASSWORD": SECRET,
        "TUMEN_KAFKA_CLIENT_KEY_PASSWORD": KEY_SECRET,
        "TUMEN_KAFKA_WAIT": "0",
        "TUMEN_LOG_LEVEL": "debug",
        "TUMEN_TABLE_STORE": "memory",
    }


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    """Every command that there is, by its words."""
    found = []
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        found += commands(command, *path, name) if isinstance(command, click.Group) else [(*path, name)]
    return [path, *found]


def clean(*told: str) -> None:
    for text in told:
        assert SECRET not in text
        assert KEY_SECRET not in text


@pytest.mark.parametrize("words", commands(main), ids=" ".join)
def test_help_shows_no_secret(words: tuple[str, ...], environment: dict[str, str]) -> None:
    shown = tumen(*words, "--help", env=environment)
    assert shown.exit_code == 0
    clean(shown.output)


def test_the_settings_are_listed_without_secrets(environment: dict[str, str]) -> None:
    for words in (["settings"], ["settings", "--json"]):
        shown = tumen(*words, env=environment)
        assert shown.exit_code == 0
        assert "TUMEN_KAFKA_SASL_PASSWORD" in shown.stdout
        clean(shown.output)


@pytest.mark.parametrize(
    "wrong",
    [
        {"TUMEN_PARTITIONS": "many"},
        {"TUMEN_KAFKA_SASL_PASSWROD": SECRET},
        {"TUMEN_KAFKA_SASL_USERNAME": ""},
        {"TUMEN_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"},
        {"TUMEN_KAFKA_SECURITY_PROTOCOL": "SSL", "TUMEN_KAFKA_SASL_USERNAME": "", "TUMEN_KAFKA_CA_FILE": __file__},
        # the password where the servers belong
        {"TUMEN_KAFKA_BOOTSTRAP_SERVERS": f"worker:{SECRET}@kafka:9092"},
    ],
    ids=lambda wrong: " ".join(wrong),
)
def test_wrong_settings_are_told_without_secrets(environment: dict[str, str], wrong: dict[str, str]) -> None:
    refused = tumen("topics", "show", env=environment | wrong)
    assert refused.exit_code == 2
    clean(refused.output)


@pytest.mark.parametrize(
    "words", [["topics", "show"], ["topics", "create"], ["publish", "-"], ["dead-letters", "replay"]], ids=" ".join
)
def test_a_connection_that_fails_is_told_without_secrets(
    environment: dict[str, str], words: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("streams.cli.clients._ASK_SECONDS", (0.5,))
    caplog.set_level(logging.DEBUG)
    failed = tumen(*words, env=environment, input='{"text": "a"}')
    assert failed.exit_code == 1
    assert "no Kafka at" in failed.output
    clean(failed.output, caplog.text)


def test_a_worker_whose_connection_fails_logs_no_secret(environment: dict[str, str]) -> None:
    failed = subprocess.run(
        [TUMEN, "worker"], env=environment | {"PATH": ""}, capture_output=True, text=True, timeout=60, check=False
    )
    assert failed.returncode == 1
    assert '"level": "debug"' in failed.stderr
    clean(failed.stdout, failed.stderr)


async def test_reprs_show_no_secret(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    app = create_app(settings)
    clients = [Sender(settings), SentAlerts(settings), app.sender._producer, app.fencing, app.keepers[0].holdings]
    clients += [app.producer, app.consumer, app.transport]
    for shown in (settings, app, app.conf, app.conf.broker_credentials, *clients):
        clean(repr(shown), str(shown))


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_traceback_shows_no_secret(environment: dict[str, str], log_format: str) -> None:
    # the secrets are in local variables of each frame
    program = """
import asyncio, structlog
from streams import logging, sender
from streams.settings import Settings
settings = Settings.load()
logging.configure(settings)
async def connect():
    options = settings.aiokafka_producer_options()
    try:
        await sender.Sender(settings).start()
    except Exception:
        structlog.get_logger("streams.x").exception("failed", settings=settings)
        raise
asyncio.run(connect())
"""
    failed = subprocess.run(
        [sys.executable, "-c", program],
        env=environment | {"TUMEN_LOG_FORMAT": log_format},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert failed.returncode == 1
    assert failed.stderr.count("Traceback") >= 2
    clean(failed.stdout, failed.stderr)


# a worker at work


@pytest.fixture
def publish(secure_kafka: SecureKafka) -> Callable[[list[tuple[bytes, dict[str, str]]]], None]:
    def send(records: list[tuple[bytes, dict[str, str]]]) -> None:
        producer = Producer({"bootstrap.servers": secure_kafka.inner_servers})
        for value, headers in records:
            producer.produce(ARTICLES, value, headers=headers)
        assert producer.flush(30) == 0

    return send


async def test_a_worker_at_debug_level_logs_ids_and_traces_but_no_password_and_no_text(
    secure_kafka: SecureKafka,
    publish: Callable[[list[tuple[bytes, dict[str, str]]]], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    environment = secure_kafka.environment(
        "worker",
        TUMEN_KAFKA_SASL_MECHANISM="PLAIN",
        TUMEN_LOG_LEVEL="debug",
        TUMEN_LOG_FORMAT="json",
        TUMEN_DATA_DIR=str(tmp_path / "data"),
        TUMEN_EXTRACTION_TIME_LIMIT="5",
    )
    text = f"North Korea has sent 4,000 soldiers to {MARK}, Russia, South Korea's National Intelligence Service said."
    trace = {"traceparent": TRACE}
    publish(
        [
            (json.dumps({"id": "marked", "text": text, "published_at": "2024-10-21"}).encode(), trace),
            # what cannot be read: no JSON, a wrong date, a wrong type, broken UTF-8, each with the word
            (f'{{"text": "{MARK}'.encode(), trace),
            (json.dumps({"text": MARK, "published_at": MARK}).encode(), {}),
            (json.dumps({"text": [MARK]}).encode(), {}),
            (json.dumps({"text": MARK, "language": MARK}).encode(), {}),
            (MARK.encode() + b"\xff", {}),
        ]
    )
    for name, value in environment.items():
        if name.startswith("TUMEN_"):
            monkeypatch.setenv(name, value)
    log = tmp_path / "worker.log"
    worker = start(environment, log)
    try:
        async with asyncio.timeout(60):
            await wait_until_handled(Settings.load())
        worker.terminate()
        assert await asyncio.to_thread(worker.wait, 20) == 0
    finally:
        worker.kill()
        worker.wait()
    told = log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in told.splitlines()]
    assert {line["level"] for line in lines} >= {"debug", "info", "warning"}
    [enriched] = [line for line in lines if line["event"] == "enriched" and line["article"] == "marked"]
    assert enriched["traceparent"] == TRACE
    assert any(line["event"] == "assessed" and line["traceparent"] == TRACE for line in lines)
    letters = [line for line in lines if line["event"] == "dead letter"]
    assert sum(line.get("traceparent") == TRACE for line in letters) == 1
    assert {line["code"] for line in letters} >= {"invalid_json", "invalid_date", "wrong_type", "not_utf8"}
    assert MARK not in told
    assert secure_kafka.passwords["worker"] not in told


def start(environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        return subprocess.Popen([TUMEN, "worker"], env=environment, stdout=out, stderr=subprocess.STDOUT)
