"""Runs a real Apache Kafka on loopback, without Docker: for `make kafka` and for the tests.

The broker is made of the jars that `pom.xml` names. Maven brings them once, into `.cache/kafka` of the checkout; after
that nothing is downloaded. A node is a controller and a broker in one process (KRaft's combined mode) with three
listeners: CLIENT, whose protocol the caller chooses; BROKER, on which the nodes speak to each other and on which the
launcher asks whether they are up; and CONTROLLER. The latter two are always plain text.

    python tools/kafka/launch.py --port 9092 [--nodes 3] [--data DIR]
"""

from __future__ import annotations

import argparse
import base64
import concurrent.futures
import fcntl
import functools
import hashlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType, TracebackType

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "kafka"
HOST = "127.0.0.1"
JAVA = 17
START_SECONDS = 90.0
STOP_SECONDS = 15.0
MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-512")
SCRAM_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"

# What every node is started with unless the caller says otherwise: a broker for one machine, that starts at once and
# stays small. A cluster in production wants other values; docs/operators.md has them.
DEFAULTS = {
    # Tumen makes its own topics: one that springs up with the broker's defaults would hide a missing `topics create`
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    # the default, 50 partitions, is most of what a fresh node writes in its first seconds
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    # the cleaner takes its buffer (128 MB by default) from the heap when it starts
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.cleaner.threads": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    # a killed node is missed after 6 s rather than 9
    "broker.heartbeat.interval.ms": "1000",
    "broker.session.timeout.ms": "6000",
}


class LaunchError(Exception):
    """Kafka cannot be started here: the message says what is missing or wrong, and the remedy."""


def find_java() -> str:
    """Path of a `java` command that is new enough for Kafka 4, from `JAVA_HOME` or the search path."""
    remedy = (
        f"install Java {JAVA} or newer (Debian: apt-get install openjdk-{JAVA}-jre-headless), or set JAVA_HOME to it"
    )
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        raise LaunchError(f"Kafka needs Java {JAVA}, and {java or 'a java command'} was not found: {remedy}")
    # a JVM tells its version on standard error: 'openjdk version "17.0.15" 2025-04-15'
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', answer)
    if found is None or int(found.group(1)) < JAVA:
        raise LaunchError(f"Kafka needs Java {JAVA}, and {java} is {answer.splitlines()[:1] or 'silent'}: {remedy}")
    return java


def find_jars(cache: Path = CACHE) -> Path:
    """Directory of the broker's jars, brought by Maven on the first call and kept under `cache`."""
    pom = HERE / "pom.xml"
    # another pom.xml is another directory, so that an upgrade never mixes two versions on one class path
    jars = cache / f"jars-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if jars.is_dir():
        return jars
    mvn = shutil.which("mvn")
    if mvn is None:
        raise LaunchError(
            "Maven brings Kafka's jars, and no mvn command was found: install it (Debian: apt-get install maven)"
        )
    cache.mkdir(parents=True, exist_ok=True)
    # filled aside and then renamed: an interrupted download is never taken for a whole one
    with (cache / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=cache) as scratch:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests in several processes want them at the same time
        if jars.is_dir():
            return jars
        filling = Path(scratch) / "jars"
        command = [mvn, "--batch-mode", "--quiet", "--file", str(pom), "dependency:copy-dependencies"]
        done = subprocess.run(
            [*command, f"-DoutputDirectory={filling}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
            raise LaunchError(
                f"Maven could not bring Kafka's jars: check the network and Maven's settings. It said:\n{tail}"
            )
        filling.rename(jars)
    return jars


_GIVEN: set[int] = set()
"""Ports that `free_port` has given: nobody may listen on them yet, and still they are somebody's."""


def free_port() -> int:
    """A TCP port that nobody on loopback listens on, and that was not given before.

    Taken from outside the range that the system gives to outgoing connections, where that leaves any: a node that is
    killed and started again needs its port back, and must not find a client's connection sitting on it.
    """
    for _ in range(200):
        port = random.choice(_ports())  # noqa: S311 -- a port is no secret
        if port not in _GIVEN and port_is_free(port):
            _GIVEN.add(port)
            return port
    raise LaunchError(f"no free TCP port from 10000 on on {HOST}: stop what listens there")


@functools.cache
def _ports() -> Sequence[int]:
    """The ports that `free_port` chooses from."""
    outgoing = _outgoing_ports()
    return [port for port in range(10_000, 65_536) if port not in outgoing] or range(10_000, 65_536)


def _outgoing_ports() -> range:
    """The ports from which the system takes those of outgoing connections."""
    try:
        lowest, highest = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
    except OSError:
        return range(49_152, 65_536)  # not Linux: those that RFC 6335 gives to them
    return range(int(lowest), int(highest) + 1)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class Node:
    """One broker and controller: a Java process with its directory, which outlives a kill and a restart."""

    def __init__(self, number: int, port: int, directory: Path, heap_mb: int) -> None:
        self.number = number
        self.port = port
        self.broker_port = free_port()
        self.controller_port = free_port()
        self.directory = directory
        self.log = directory / "broker.log"
        self._heap_mb = heap_mb
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while the node runs, else None."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def running(self) -> bool:
        """Whether the process lives; a process that lives need not answer yet."""
        return self.pid is not None

    def configure(self, properties: Mapping[str, str], cluster_id: str, users: Mapping[str, str]) -> None:
        """Writes the node's properties, and formats its storage unless it holds data already."""
        self.directory.mkdir(parents=True, exist_ok=True)
        storage = self.directory / "storage"
        lines = [f"{name}={value}" for name, value in {**properties, "log.dirs": str(storage)}.items()]
        # may hold passwords
        self._properties.touch(mode=0o600)
        self._properties.write_text("\n".join(lines) + "\n", encoding="utf-8")
        if (storage / "meta.properties").exists():
            return
        command = ["kafka.tools.StorageTool", "format", "--config", str(self._properties), "--cluster-id", cluster_id]
        for name, password in users.items():
            for mechanism in MECHANISMS:
                command += ["--add-scram", f"{mechanism}=[name={name},password={password}]"]
        done = subprocess.run(
            self._java(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise LaunchError(
                f"Kafka's storage in {storage} could not be formatted:\n{(done.stdout + done.stderr).strip()}"
            )

    def start(self) -> None:
        """Starts the process; `Cluster.wait` tells when it answers."""
        if self.running:
            return
        for port in (self.port, self.broker_port, self.controller_port):
            if not port_is_free(port):
                raise LaunchError(
                    f"port {port} on {HOST} is taken: choose another, or stop what listens there "
                    f"(ss -ltnp 'sport = :{port}' tells what)"
                )
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._java(["kafka.Kafka", str(self._properties)]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # a session of its own: Ctrl-C reaches the launcher only, which then stops the nodes in order
                start_new_session=True,
            )

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """SIGTERM, then SIGKILL if the process still lives after `timeout` seconds."""
        self.terminate()
        self.reap(timeout)

    def terminate(self) -> None:
        """SIGTERM, without waiting for the end."""
        if self._process is not None and self._process.poll() is None:
            # a process that `pause` has stopped would never see the signal
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()

    def reap(self, timeout: float) -> None:
        """Waits for the end of a process that was told to stop, and kills it after `timeout` seconds."""
        if self._process is None:
            return
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL: the node is gone at once, with whatever it had not written."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """SIGSTOP: the node keeps its connections and answers nothing, until `resume`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: the end of a `pause`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def last_words(self) -> str:
        """The end of the node's log, for an error message."""
        if not self.log.exists():
            return "(it wrote no log)"
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    def _java(self, command: Sequence[str]) -> list[str]:
        # serial collector and the quick compiler only: least memory and soonest start, on a machine shared with others
        options = [f"-Xmx{self._heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]
        logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}"
        return [find_java(), *options, logging, "-cp", f"{find_jars()}/*", *command]


class Cluster:
    """One node or several on loopback. A context manager: entering starts and waits, leaving stops.

    Args:
        nodes: how many; three bear the loss of one.
        ports: the CLIENT listeners' ports, one a node; free ones are taken where they are left out.
        advertised_ports: what clients are told to connect to, where that is not `ports`: a proxy's ports.
        data: directory for the nodes' storage and logs, which are kept; without it a temporary one, which is removed.
        protocol: of the CLIENT listener: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
        users: names and passwords of SCRAM users (SHA-256 and SHA-512), known from the first start on new data; they
            may log in on a CLIENT listener that is SASL_PLAINTEXT or SASL_SSL.
        properties: more of Kafka's broker properties, stronger than all that the launcher sets; read at the start.
        heap_mb: the Java heap of each node, in MiB.

    With an authorizer in `properties`, `super.users=User:ANONYMOUS` lets the nodes do everything, and nobody who comes
    by a SASL listener.
    """

    def __init__(
        self,
        nodes: int = 1,
        *,
        ports: Sequence[int] | None = None,
        advertised_ports: Sequence[int] | None = None,
        data: Path | None = None,
        protocol: str = "PLAINTEXT",
        users: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
        heap_mb: int = 256,
    ) -> None:
        ports = list(ports) if ports is not None else [free_port() for _ in range(nodes)]
        if len(ports) != nodes or (advertised_ports is not None and len(advertised_ports) != nodes):
            raise ValueError(f"{nodes} nodes need {nodes} ports")
        self._temporary = None
        if data is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="tumen-kafka-")
            data = Path(self._temporary.name)
        self.data = data.resolve()
        self.nodes = [Node(i, port, self.data / f"node-{i}", heap_mb) for i, port in enumerate(ports, start=1)]
        self._advertised_ports = list(advertised_ports) if advertised_ports is not None else ports
        self._protocol = protocol
        self._users = dict(users or {})
        self.properties = dict(properties or {})

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect: `host:port` of every node, separated by commas."""
        return ",".join(f"{HOST}:{port}" for port in self._advertised_ports)

    def __enter__(self) -> Cluster:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, timeout: float = START_SECONDS) -> None:
        """Formats what is new, starts every node, and waits until all answer."""
        # told before anything is written, and once rather than by each of the nodes
        find_java()
        find_jars()
        cluster_id = self._cluster_id()
        with concurrent.futures.ThreadPoolExecutor(len(self.nodes)) as threads:
            jobs = [threads.submit(n.configure, self._properties(n), cluster_id, self._users) for n in self.nodes]
            for job in jobs:
                job.result()
        for node in self.nodes:
            node.start()
        self.wait(timeout)

    def wait(self, timeout: float = START_SECONDS) -> None:
        """Returns when every running node is seen by the others; a node that ends or stays mute is a `LaunchError`."""
        deadline = time.monotonic() + timeout
        started = [node for node in self.nodes if node.running]
        for node in started:
            while not _sees(node, {other.number for other in started}):
                for other in started:
                    if not other.running:
                        raise LaunchError(
                            f"Kafka's node {other.number} ended while it started. Its last words:\n{other.last_words()}"
                        )
                if time.monotonic() > deadline:
                    raise LaunchError(
                        f"Kafka's node {node.number} has not joined after {timeout:g} s. "
                        f"Its last words:\n{node.last_words()}"
                    )
                time.sleep(0.1)

    def stop(self) -> None:
        """Stops every node, and removes the data directory if it is a temporary one. Does nothing the second time."""
        for node in self.nodes:
            if self._temporary is not None:
                node.kill()
            else:
                node.terminate()
        # the last nodes of several miss their quorum and cannot leave in good order: they are killed after the wait,
        # which Kafka bears: whatever was acknowledged is in its log
        deadline = time.monotonic() + STOP_SECONDS
        for node in self.nodes:
            node.reap(max(0.0, deadline - time.monotonic()))
        if self._temporary is not None:
            self._temporary.cleanup()

    def _cluster_id(self) -> str:
        # kept beside the nodes: all of them, and a later start on the same data, must be told the same one
        kept = self.data / "cluster-id"
        if not kept.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            drawn = "-"
            while drawn.startswith("-"):  # Kafka's tools would take it for an option
                drawn = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            kept.write_text(drawn, encoding="ascii")
        return kept.read_text(encoding="ascii")

    def _properties(self, node: Node) -> dict[str, str]:
        replicas = str(min(3, len(self.nodes)))
        in_sync = "2" if len(self.nodes) >= 3 else "1"
        login = {"listener.name.client.sasl.enabled.mechanisms": ",".join(MECHANISMS)} | {
            f"listener.name.client.{mechanism.lower()}.sasl.jaas.config": f"{SCRAM_MODULE} required;"
            for mechanism in MECHANISMS
        }
        advertised = self._advertised_ports[node.number - 1]
        return {
            **DEFAULTS,
            "process.roles": "broker,controller",
            "node.id": str(node.number),
            "controller.quorum.voters": ",".join(f"{n.number}@{HOST}:{n.controller_port}" for n in self.nodes),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "BROKER",
            "listener.security.protocol.map": f"CLIENT:{self._protocol},BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "listeners": f"CLIENT://{HOST}:{node.port},BROKER://{HOST}:{node.broker_port},"
            f"CONTROLLER://{HOST}:{node.controller_port}",
            "advertised.listeners": f"CLIENT://{HOST}:{advertised},BROKER://{HOST}:{node.broker_port}",
            "default.replication.factor": replicas,
            "min.insync.replicas": in_sync,
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.replication.factor": replicas,
            "share.coordinator.state.topic.min.isr": in_sync,
            **(login if self._protocol.startswith("SASL_") else {}),
            **self.properties,
        }


def _sees(node: Node, numbers: set[int]) -> bool:
    """Whether this very node answers requests, and names all of these as its cluster."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((HOST, node.broker_port)) != 0:
            return False
    # librdkafka would tell of each refused try on standard error
    admin = AdminClient({"bootstrap.servers": f"{HOST}:{node.broker_port}", "log_level": 0})
    try:
        return set(admin.list_topics(timeout=2).brokers) >= numbers
    except KafkaException:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a cluster in the foreground until SIGINT or SIGTERM; returns the exit status, 1 where a node cannot live."""
    parser = argparse.ArgumentParser(
        prog="launch.py", description="Runs a real Apache Kafka on 127.0.0.1, without Docker, until Ctrl-C."
    )
    parser.add_argument("--port", type=int, default=9092, help="port of the first node; the others follow it (9092)")
    parser.add_argument("--nodes", type=int, default=1, choices=(1, 3), help="how many brokers (1)")
    parser.add_argument(
        "--data", type=Path, help="directory to keep the data in; without it they are forgotten at the end"
    )
    parser.add_argument("--heap", type=int, default=256, metavar="MB", help="Java heap of each node, in MiB (256)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a broker property; may be given repeatedly"
    )
    options = parser.parse_args(arguments)
    properties = {}
    for setting in options.set:
        name, equals, value = setting.partition("=")
        if not equals:
            parser.error(f"--set {setting}: want NAME=VALUE")
        properties[name] = value

    told_to_stop = threading.Event()

    # while it starts, either signal ends it at once, by KeyboardInterrupt; the nodes that run by then are stopped
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def stop(_number: int, _frame: FrameType | None) -> None:
        told_to_stop.set()

    cluster = Cluster(
        options.nodes,
        ports=range(options.port, options.port + options.nodes),
        data=options.data,
        properties=properties,
        heap_mb=options.heap,
    )
    try:
        print("Starting Kafka (the first time, Maven brings its jars: about 45 MB) …", file=sys.stderr, flush=True)
        with cluster:
            # from here on they only ask: a second one must not break into the stopping
            signal.signal(signal.SIGINT, stop)
            signal.signal(signal.SIGTERM, stop)
            kept = f"data kept in {options.data}" if options.data else "data forgotten at the end"
            print(
                f"Kafka answers on {cluster.bootstrap_servers} ({kept}). Ctrl-C stops it.", file=sys.stderr, flush=True
            )
            print(f"  export TUMEN_KAFKA_BOOTSTRAP_SERVERS={cluster.bootstrap_servers}", file=sys.stderr, flush=True)
            while not told_to_stop.wait(0.5):
                for node in cluster.nodes:
                    if not node.running:
                        raise LaunchError(f"Kafka's node {node.number} has ended. Its last words:\n{node.last_words()}")
    except LaunchError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    print("Kafka has stopped.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
