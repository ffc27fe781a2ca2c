"""What docker-compose.yml and the Dockerfile say is known to work, though no Docker runs here.

Both are read; every variable, path and version in them is held against the project; and every service's command is run
with its environment as a process, against a real Kafka with the properties of the `kafka` service. Only host names,
ports and the data directory are replaced.
"""

import http.server
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from streams.settings import Settings, variables
from tools.kafka.launch import Cluster, LaunchError, free_port

ROOT = Path(__file__).parents[1]
TUMEN = str(Path(sys.executable).with_name("tumen"))
UNITS = {"M": 2**20, "G": 2**30}

Service = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, with `${NAME:-default}` as it is where nothing is set."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    assert "$" not in json.dumps(loaded), "a variable without a default"
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Service]:
    found = compose["services"]
    assert set(found) >= {"kafka", "topics", "worker"}
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def stages() -> list[list[tuple[str, str]]]:
    """The Dockerfile's stages: instructions with their arguments."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", "")
    found: list[list[tuple[str, str]]] = []
    for line in filter(str.strip, text.splitlines()):
        name, _, arguments = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append((name, arguments.strip()))
    return found


@pytest.fixture(scope="module")
def image(stages: list[list[tuple[str, str]]]) -> dict[str, str]:
    """Environment of a container of the image."""
    return dict(
        pair.split("=", 1) for name, arguments in stages[-1] if name == "ENV" for pair in shlex.split(arguments)
    )


def environment(service: Service) -> dict[str, str]:
    return {name: str(value) for name, value in service.get("environment", {}).items()}


def ours(services: dict[str, Service]) -> dict[str, Service]:
    """The services that run Tumen's own image."""
    return {name: service for name, service in services.items() if service.get("build")}


def size(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1].upper()]


# the compose file


def test_every_variable_is_a_setting_with_a_good_value(
    services: dict[str, Service], image: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8") + (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"\bTUMEN_\w+", text)) <= set(variables())
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    for service in ours(services).values():
        with monkeypatch.context() as patch:
            for name, value in (image | environment(service)).items():
                if name.startswith("TUMEN_"):
                    patch.setenv(name, value)
            Settings.load()


def test_workers_can_be_scaled(services: dict[str, Service]) -> None:
    worker = services["worker"]
    # each of these is one name or one port, which only one replica could have
    assert not {"container_name", "hostname", "ports"} & set(worker)
    # without a source: a volume of each replica's own
    assert all(":" not in volume for volume in worker["volumes"])
    assert worker["depends_on"]["topics"] == {"condition": "service_completed_successfully"}
    assert worker["depends_on"]["kafka"] == {"condition": "service_healthy"}


def test_every_service_is_bounded_and_comes_back(services: dict[str, Service]) -> None:
    for name, service in services.items():
        limits = service["deploy"]["resources"]["limits"]
        assert size(limits["memory"]) > 0
        assert float(limits["cpus"]) > 0
        assert service["restart"] == ("on-failure:5" if name == "topics" else "unless-stopped")


def test_what_a_service_may_take_fits_its_limits(services: dict[str, Service]) -> None:
    worker = services["worker"]
    limits = worker["deploy"]["resources"]["limits"]
    processes = int(worker["environment"]["TUMEN_PROCESSES"])
    assert processes == float(limits["cpus"])
    assert processes * worker["environment"]["TUMEN_EXTRACTION_MEMORY_LIMIT"] * UNITS["M"] < size(limits["memory"])

    heap = re.search(r"-Xmx(\d+m)", services["kafka"]["environment"]["KAFKA_HEAP_OPTS"])
    assert heap
    # half of it is left for what a JVM takes beside its heap, and for the page cache
    assert size(heap.group(1)) <= size(services["kafka"]["deploy"]["resources"]["limits"]["memory"]) / 2


def test_kafka_keeps_its_data_on_a_named_volume_and_is_open_to_this_host_only(
    compose: dict[str, Any], services: dict[str, Service]
) -> None:
    kafka = services["kafka"]
    [volume] = kafka["volumes"]
    name, path = volume.split(":")
    assert name in compose["volumes"]
    assert kafka["environment"]["KAFKA_LOG_DIRS"] == path
    assert all(port.startswith("127.0.0.1:") for port in kafka["ports"])
    assert kafka["hostname"] in kafka["healthcheck"]["test"][1]


def test_the_tests_run_the_kafka_that_is_deployed(services: dict[str, Service]) -> None:
    pom = ET.parse(ROOT / "tools" / "kafka" / "pom.xml")  # noqa: S314 -- a file of ours
    version = pom.findtext(".//{*}kafka.version")
    assert services["kafka"]["image"] == f"apache/kafka:{version}"


def test_the_services_work(
    services: dict[str, Service], image: dict[str, str], missing: Any, tmp_path: Path, kafka_broker: str
) -> None:
    """Kafka with the file's properties; then `topics`, then a worker; an article goes in, and comes out enriched."""
    cluster = Cluster(heap_mb=256)
    node = cluster.nodes[0]

    def placed(value: str) -> str:
        for port, ours in ((19092, node.broker_port), (9092, node.port), (9093, node.controller_port)):
            value = re.sub(rf":{port}\b", f":{ours}", value)
        return re.sub(r"\bkafka(?=:)", "127.0.0.1", value).replace("//:", "//127.0.0.1:")

    # the image makes a property of each variable but this one
    cluster.properties.update(
        (name.removeprefix("KAFKA_").lower().replace("_", "."), placed(value))
        for name, value in environment(services["kafka"]).items()
        if name != "KAFKA_HEAP_OPTS"
    )
    web_port = free_port()
    system = {name: value for name, value in os.environ.items() if not name.startswith("TUMEN_")}

    def contained(name: str) -> dict[str, str]:
        variables = image | environment(services[name]) | {"TUMEN_DATA_DIR": str(tmp_path / "data")}
        if "TUMEN_WEB_ENABLED" in variables:
            variables |= {"TUMEN_WEB_HOST": "127.0.0.1", "TUMEN_WEB_PORT": str(web_port)}
        return system | {key: placed(value) for key, value in variables.items() if key != "PATH"}

    def run(name: str, *command: str, stdin: str = "") -> str:
        done = subprocess.run(
            [TUMEN, *command], env=contained(name), input=stdin, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    try:
        cluster.start()
    except LaunchError as error:
        cluster.stop()
        pytest.fail(f"Kafka does not take the properties of docker-compose.yml: {error}")
    log = tmp_path / "worker.log"
    with cluster, log.open("wb") as out:
        run("topics", *services["topics"]["command"])
        # as after a restart of the server, when all is there already
        run("topics", *services["topics"]["command"])
        worker = subprocess.Popen(
            [TUMEN, *services["worker"]["command"]], env=contained("worker"), stdout=out, stderr=subprocess.STDOUT
        )
        try:
            run("worker", "publish", "-", stdin=json.dumps({"id": "a", "text": "Nothing happened.", "language": "en"}))
            told = run("worker", "tail", "enriched", "--from-beginning", "--limit", "1", "--json")
            assert json.loads(told)["article"]["id"] == "a"
            with urllib.request.urlopen(f"http://127.0.0.1:{web_port}/readyz", timeout=10) as answer:
                assert json.load(answer)["ready"]
            worker.terminate()
            assert worker.wait(int(services["worker"]["stop_grace_period"].removesuffix("s"))) == 0
        finally:
            worker.kill()
            worker.wait()
            print(log.read_text(errors="replace"))  # noqa: T201 -- shown where the test fails
    # the tables are where the volume is
    assert list((tmp_path / "data").iterdir())


# the profile `monitoring`


def test_monitoring_is_off_unless_asked_for_and_reached_from_this_host_only(services: dict[str, Service]) -> None:
    monitoring = {name for name, service in services.items() if service.get("profiles") == ["monitoring"]}
    assert monitoring == {"prometheus", "grafana"}
    for name in monitoring:
        service = services[name]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert re.fullmatch(r"[\w/]+:v?\d+\.\d+\.\d+", service["image"])
        for volume in service["volumes"]:
            source, _, *mode = volume.split(":")
            if source.startswith("."):
                assert (ROOT / source).exists(), source
                assert mode == ["ro"]


def test_prometheus_asks_the_workers_where_they_answer(services: dict[str, Service]) -> None:
    config = yaml.safe_load((ROOT / "monitoring" / "prometheus.yml").read_text(encoding="utf-8"))
    [job] = config["scrape_configs"]
    [found] = job["dns_sd_configs"]
    assert job["job_name"] == "tumen"
    assert [name for name in found["names"] if name not in services] == []
    worker = environment(services["worker"])
    assert worker["TUMEN_WEB_ENABLED"] == "true"
    assert worker["TUMEN_WEB_HOST"] == "0.0.0.0"  # noqa: S104 -- in a container none of whose ports is published
    assert found["port"] == Settings.model_fields["web_port"].default
    mounted = {volume.split(":")[1] for volume in services["prometheus"]["volumes"]}
    assert set(config["rule_files"]) <= mounted
    assert services["prometheus"]["command"][0] == "--config.file=/etc/prometheus/prometheus.yml"


def test_grafana_finds_its_data_source_and_its_dashboard(services: dict[str, Service]) -> None:
    provisioning = ROOT / "monitoring" / "grafana" / "provisioning"
    [source] = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    dashboard = json.loads((ROOT / "monitoring" / "grafana" / "dashboards" / "tumen.json").read_text(encoding="utf-8"))
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"] if "datasource" in panel} == {source["uid"]}
    [provider] = yaml.safe_load((provisioning / "dashboards" / "tumen.yml").read_text())["providers"]
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in services["grafana"]["volumes"]}
    assert mounted[provider["options"]["path"]] == "./monitoring/grafana/dashboards"
    assert mounted["/etc/grafana/provisioning"] == "./monitoring/grafana/provisioning"
    home = environment(services["grafana"])["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == f"{provider['options']['path']}/tumen.json"


# the Dockerfile


def test_the_image_copies_what_exists_and_is_not_ignored(stages: list[list[tuple[str, str]]]) -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert lines[0] == "*"
    allowed = [line.removeprefix("!").rstrip("/") for line in lines if line.startswith("!")]
    sources = [
        source.rstrip("/")
        for stage in stages
        for name, arguments in stage
        if name == "COPY" and not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    ]
    assert sorted(sources) == sorted(allowed)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in allowed)


def test_the_image_holds_only_what_is_locked(stages: list[list[tuple[str, str]]]) -> None:
    installs = [command for name, command in stages[0] if name == "RUN" and "pip install" in command]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "-r requirements.lock" in installs[0]
    # Tumen itself, with a build backend that is installed already
    assert "--no-deps --no-build-isolation ." in installs[1]


def test_the_image_runs_the_command_as_no_root(stages: list[list[tuple[str, str]]], image: dict[str, str]) -> None:
    final = dict(stages[-1])
    assert len(stages) == 2
    assert final["USER"] not in ("root", "0")
    assert json.loads(final["ENTRYPOINT"]) == ["tumen"]
    assert final["VOLUME"] == image["TUMEN_DATA_DIR"]


class Page(http.server.BaseHTTPRequestHandler):
    """A page of health that tells the status it is asked to tell."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name in the base class
        """Says nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("enabled", "status", "healthy"), [(True, 200, True), (True, 503, False), (False, 503, True)])
def test_the_health_check_asks_the_page_where_it_is_served(
    stages: list[list[tuple[str, str]]],
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    enabled: bool,
    status: int,
    healthy: bool,
) -> None:
    monkeypatch.setattr(Page, "status", status)
    command = json.loads(dict(stages[-1])["HEALTHCHECK"].partition("CMD ")[2])
    assert command[0] == "python"
    done = subprocess.run(
        [sys.executable, *command[1:]],
        env=dict(os.environ) | {"TUMEN_WEB_ENABLED": str(enabled), "TUMEN_WEB_PORT": str(port)},
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode == 0) is healthy, done.stderr.decode()
