"""What a worker tells of itself over HTTP; the dashboard, the alert rules and the page ask for nothing else."""

import asyncio
import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from schemas.dead_letter import Stage
from streams.app import run_worker
from streams.embedded import EmbeddedCluster
from streams.progress import wait_until_handled
from streams.settings import Settings
from streams.topics import ARTICLES, CLAIMS, ENRICHED
from tests.pipeline.driving import PATIENCE, alerts, article, claims, first, publish
from tests.pipeline.extractors import load_word
from tools.kafka.launch import free_port

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
DASHBOARD = json.loads((MONITORING / "grafana" / "dashboards" / "tumen.json").read_text(encoding="utf-8"))
RULES = yaml.safe_load((MONITORING / "rules.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
PAGE = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")

STAGES = ("enrich", "send", "revise", "assess")


class Told(NamedTuple):
    """What one worker said while it handled some articles."""

    starting: int
    """Status of /readyz before it was ready."""
    ready: dict[str, Any]
    before: dict[str, Any]
    samples: dict[str, dict[tuple[tuple[str, str], ...], float]]
    """Value of each sample by its name and labels."""
    families: set[str]
    alerts: int
    claims: int


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    with EmbeddedCluster(partitions=2) as cluster:
        settings = cluster.settings(processes=1, session_timeout=1, web_enabled=True, web_port=free_port())
        yield asyncio.run(_watched(settings))


async def _watched(settings: Settings) -> Told:
    address = f"http://127.0.0.1:{settings.web_port}"
    stop, ready = asyncio.Event(), asyncio.Event()
    async with aiohttp.ClientSession() as session:

        async def get(path: str) -> tuple[int, str]:
            async with session.get(address + path) as response:
                return response.status, await response.text()

        running = asyncio.create_task(run_worker(settings, load=load_word, stop=stop, on_ready=ready.set))
        starting = None
        while starting is None:
            await asyncio.sleep(0.01)
            assert not running.done()
            try:
                starting, _ = await get("/readyz")
            except aiohttp.ClientConnectionError:
                continue
        await first(running, ready.wait())
        before = json.loads((await get("/readyz"))[1])
        await publish(settings, [article("troops 3"), article("troops 4"), b"not json"])
        await first(running, wait_until_handled(settings))
        metrics = ""
        # the watchdog looks at the lag once a second, and commits are twice a second
        async with asyncio.timeout(PATIENCE):
            while set(re.findall(r"^tumen_consumer_lag_messages{.*} (.*)$", metrics, re.MULTILINE)) != {"0.0"}:
                await asyncio.sleep(0.1)
                _, metrics = await get("/metrics")
        status, now = await get("/readyz")
        assert status == 200
        assert (await get("/healthz"))[0] == 200
        stop.set()
        await asyncio.wait_for(running, PATIENCE)
    samples: dict[str, dict[tuple[tuple[str, str], ...], float]] = defaultdict(dict)
    families = set()
    for family in text_string_to_metric_families(metrics):
        families.add(family.name + ("_total" if family.type == "counter" else ""))
        for sample in family.samples:
            samples[sample.name][tuple(sorted(sample.labels.items()))] = sample.value
    found = len(await alerts(settings)), len(await claims(settings))
    return Told(starting, json.loads(now), before, samples, families, *found)


def total(told: Told, name: str, **labels: str) -> float:
    return sum(value for key, value in told.samples[name].items() if labels.items() <= dict(key).items())


# what a worker tells


def test_a_worker_is_ready_once_it_has_joined_and_recovered_and_tells_its_progress(told: Told) -> None:
    assert told.starting == 503
    assert told.ready == told.before | {"last_progress": told.ready["last_progress"]}
    assert told.ready["ready"] is told.ready["joined"] is told.ready["recovered"] is True
    assert told.ready["last_progress"] > told.before["last_progress"]


def test_a_worker_counts_what_it_handles(told: Told) -> None:
    assert total(told, "tumen_articles_received_total") == 3
    assert total(told, "tumen_articles_enriched_total", language="en") == 2
    assert total(told, "tumen_claims_total", type="troops") == told.claims == 2
    assert total(told, "tumen_claims_assessed_total") == 2
    assert total(told, "tumen_alerts_total", type="troops", kind="new") == told.alerts >= 1
    assert total(told, "tumen_dead_letters_total", stage="decode", code="invalid_json") == 1
    assert total(told, "tumen_worker_ready") == 1
    assert total(told, "tumen_build_info") == 1
    assert total(told, "tumen_last_record_processed_timestamp_seconds") > told.samples["process_start_time_seconds"][()]
    for stage in STAGES:
        assert total(told, "tumen_stage_duration_seconds_count", stage=stage) >= 1
    partitions = {(dict(key)["topic"], dict(key)["partition"]) for key in told.samples["tumen_consumer_lag_messages"]}
    assert partitions == {(topic, number) for topic in (ARTICLES, ENRICHED, CLAIMS) for number in "01"}
    assert total(told, "tumen_consumer_lag_messages") == 0


def test_the_page_lists_what_a_worker_tells(told: Told) -> None:
    listed = set(re.findall(r"^\| `((?:tumen|process)_\w+)` \|", PAGE, re.MULTILINE))
    assert listed == told.families


# what asks for it

_WORDS = {"by", "without", "on", "ignoring", "and", "or", "unless", "offset", "group_left", "group_right", "bool"}


class Asked(NamedTuple):
    metrics: set[str]
    labels: set[str]
    stages: set[str]


def asked(expression: str) -> Asked:
    """The metrics, the labels and the stages that are named in a PromQL expression. promtool checks its syntax."""
    stages = set(re.findall(r'stage!?="(\w+)"', expression))
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", expression))
    rest = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]', " ", expression)
    grouping = r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)"
    labels |= {label.strip() for found in re.findall(grouping, rest) for label in found.split(",")} - {""}
    rest = re.sub(grouping, " ", rest)
    return Asked({name for name in re.findall(r"\b[a-z_]\w*\b(?!\s*\()", rest) if name not in _WORDS}, labels, stages)


def expressions() -> dict[str, str]:
    panels = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", [])
    }
    return panels | {rule["alert"]: rule["expr"] for rule in RULES}


def test_expressions_are_taken_apart() -> None:
    found = asked('sum by (a, b) (rate(x_total{c="d", e!="f"}[5m])) > 3 and on (g) y unless z offset 30m')
    assert found == Asked({"x_total", "y", "z"}, {"a", "b", "c", "e", "g"}, set())


@pytest.mark.parametrize("name", expressions())
def test_what_is_asked_for_is_told_by_a_worker(told: Told, name: str) -> None:
    metrics, labels, stages = asked(expressions()[name])
    # Prometheus makes these itself, when it asks the worker
    assert metrics
    assert metrics - {"up"} <= set(told.samples)
    of_metrics = {label for metric in metrics for key in told.samples.get(metric, {}) for label, _ in key}
    assert labels <= of_metrics | {"job", "instance"}
    assert stages <= {*STAGES, *Stage}


def test_legends_and_messages_name_labels_that_are_there() -> None:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            used = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            grouped = asked(target["expr"]).labels | {"instance"}
            assert used <= grouped, panel["title"]
    for rule in RULES:
        used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        assert used <= asked(rule["expr"]).labels | {"instance"}, rule["alert"]


def test_every_panel_is_explained_and_stands_in_its_own_place() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        assert panel["type"] == "row" or panel["description"]
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_the_runbook_has_an_entry_for_every_alert() -> None:
    headings = re.findall(r"^### (Tumen\w+)$", PAGE, re.MULTILINE)
    assert headings == [rule["alert"] for rule in RULES]
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/operators.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning", "info")


def test_every_alert_is_shown_to_fire() -> None:
    tests = yaml.safe_load((MONITORING / "rules.test.yml").read_text(encoding="utf-8"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    names = {rule["alert"] for rule in RULES}
    assert {case["alertname"] for case in cases if "exp_alerts" in case} == names
    assert {case["alertname"] for case in cases if "exp_alerts" not in case} == names


@pytest.mark.parametrize(
    "command", [["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"]], ids=" ".join
)
def test_promtool_finds_the_rules_right_and_they_fire_as_written(command: list[str]) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    done = subprocess.run(["promtool", *command], cwd=MONITORING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_the_dashboards_expressions_right(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    # Grafana fills this in
    records = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "1m")}
        for number, expression in enumerate(expressions().values())
    ]
    rules = tmp_path / "rules.yml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": records}]}))
    done = subprocess.run(["promtool", "check", "rules", str(rules)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
