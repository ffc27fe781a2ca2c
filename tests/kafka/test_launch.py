"""The launcher: a Kafka that comes up, bears the loss of a node, and says what it lacks."""

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tools.kafka import launch
from tools.kafka.launch import Cluster, LaunchError, free_port

LAUNCH = Path(launch.__file__)


@pytest.fixture(autouse=True)
def _kafka_can_run(kafka_broker: str) -> None:
    """Skips or fails, as every test on a real Kafka does, where none can be started."""


def _make_topic(servers: str, replicas: int) -> None:
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic("t", 1, replicas)])["t"].result()


def _produce(servers: str, value: bytes) -> None:
    failed = []
    producer = Producer({"bootstrap.servers": servers, "acks": "all", "log_level": 0})
    producer.produce("t", value, on_delivery=lambda error, _: failed.append(error) if error else None)
    assert producer.flush(30) == 0
    assert not failed


def _read(servers: str, count: int) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "reader", "log_level": 0})
    consumer.assign([TopicPartition("t", 0, 0)])
    records = consumer.consume(count, timeout=30)
    consumer.close()
    return [record.value() for record in records]


@pytest.mark.faults
def test_acknowledged_records_outlive_the_kill_of_a_node_and_of_all_nodes() -> None:
    # so that the others miss the killed node soon
    with Cluster(3, properties={"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"}) as cluster:
        _make_topic(cluster.bootstrap_servers, replicas=3)
        _produce(cluster.bootstrap_servers, b"by three")

        cluster.nodes[0].kill()
        assert not cluster.nodes[0].running
        _produce(cluster.bootstrap_servers, b"by two")

        for node in cluster.nodes:
            node.kill()
        for node in cluster.nodes:
            node.start()
        cluster.wait()
        assert _read(cluster.bootstrap_servers, 2) == [b"by three", b"by two"]


def test_a_free_port_is_given_once_and_is_none_of_those_that_connections_get() -> None:
    lowest, highest = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
    ports = [free_port() for _ in range(2000)]
    assert len(set(ports)) == len(ports)
    assert not set(ports) & set(range(int(lowest), int(highest) + 1))


def test_only_the_users_it_was_given_may_enter() -> None:
    with Cluster(protocol="SASL_PLAINTEXT", users={"feeder": "right"}) as cluster:
        options = {
            "bootstrap.servers": cluster.bootstrap_servers,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "feeder",
            "log_level": 0,
        }
        assert AdminClient({**options, "sasl.password": "right"}).list_topics(timeout=15).brokers
        with pytest.raises(KafkaException):
            AdminClient({**options, "sasl.password": "wrong"}).list_topics(timeout=3)


def test_in_the_foreground_it_keeps_its_data_and_stops_on_a_signal(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, str(LAUNCH), "--port", str(port), "--data", str(tmp_path)]
    servers = f"127.0.0.1:{port}"
    for ending in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if servers in line:
                    break
            try:
                if ending is signal.SIGINT:
                    _make_topic(servers, replicas=1)
                    _produce(servers, b"kept")
                else:
                    assert _read(servers, 1) == [b"kept"]
            finally:
                process.send_signal(ending)
                told = process.stderr.read()
            assert process.wait(30) == 0
            assert "Kafka has stopped." in told
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def _launched(**environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(LAUNCH), "--port", str(free_port())],
        env=dict(os.environ) | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_java_it_names_the_remedy(tmp_path: Path) -> None:
    done = _launched(JAVA_HOME=str(tmp_path))
    assert done.returncode == 1
    assert "needs Java 17" in done.stderr
    assert "apt-get install openjdk-17-jre-headless" in done.stderr


def test_with_an_old_java_it_names_the_remedy(tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    done = _launched(JAVA_HOME=str(tmp_path))
    assert done.returncode == 1
    assert "needs Java 17" in done.stderr
    assert "11.0.2" in done.stderr


def test_without_maven_and_jars_it_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaunchError, match="apt-get install maven"):
        launch.find_jars(tmp_path / "cache")


def test_the_jars_are_brought_once_however_many_ask_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maven, asked = tmp_path / "mvn", tmp_path / "asked"
    maven.write_text(
        f'#!/bin/sh\necho once >> {asked}\nfor last; do :; done\nmkdir "${{last#-DoutputDirectory=}}"\n',
        encoding="utf-8",
    )
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with ThreadPoolExecutor() as threads:
        brought = list(threads.map(launch.find_jars, [tmp_path / "cache"] * 3))
    assert len(set(brought)) == 1
    assert brought[0].is_dir()
    assert asked.read_text(encoding="utf-8") == "once\n"


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError, match=f"port {port} on 127.0.0.1 is taken"), Cluster(ports=[port]):
            pass


def test_a_broker_that_cannot_start_tells_its_last_words() -> None:
    properties = {"inter.broker.listener.name": "NOBODY"}
    with pytest.raises(LaunchError, match="NOBODY"), Cluster(properties=properties):
        pass
