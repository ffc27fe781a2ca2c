"""A real Kafka that lets nobody in without TLS, a password and the right: one for all tests here.

Its certificate and the authority that signs it are made by openssl. Its users are the roles of docs/operators.md, and
their rights are what the commands shown there give, no more.
"""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from streams.progress import wait_until_handled
from streams.settings import Settings
from tests.streams import commands
from tools.kafka.launch import Cluster, LaunchError

ROOT = Path(__file__).parents[2]
TUMEN = str(Path(sys.executable).with_name("tumen"))
ROLES = ("operator", "worker", "feeder", "subscriber")


class Done(NamedTuple):
    """What came of a command."""

    status: int
    stdout: str
    stderr: str


Run = Callable[..., Done]
Working = Callable[[Path], AbstractAsyncContextManager[Callable[[], Awaitable[None]]]]


@dataclass(frozen=True)
class SecureKafka:
    """A broker with the listener that users have, and what they need to get in."""

    bootstrap_servers: str
    inner_servers: str
    """The listener of the brokers themselves: no login, every right. For the tests' own errands."""
    ca_file: Path
    other_ca_file: Path
    """An authority that has signed nothing here."""
    passwords: dict[str, str]

    def environment(self, user: str, **variables: str) -> dict[str, str]:
        """Environment of a `tumen` that is run by this user."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("TUMEN_")}
        settings = {
            "TUMEN_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "TUMEN_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "TUMEN_KAFKA_SASL_USERNAME": user,
            "TUMEN_KAFKA_SASL_PASSWORD": self.passwords[user],
            "TUMEN_KAFKA_CA_FILE": str(self.ca_file),
            "TUMEN_KAFKA_WAIT": "5",
            "TUMEN_PARTITIONS": "2",
            "TUMEN_PROCESSES": "1",
        }
        return ours | settings | variables

    def inner_settings(self) -> Settings:
        """Settings of the tests' own clients."""
        return Settings.load(
            kafka_bootstrap_servers=self.inner_servers,
            kafka_security_protocol="PLAINTEXT",
            kafka_sasl_username=None,
            kafka_sasl_password=None,
            kafka_ca_file=None,
            partitions=2,
        )


@pytest.fixture(scope="session")
def secure_kafka(missing: Callable[[str], NoReturn], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """The broker, with Tumen's topics, made by the operator. Nobody has rights but by the page's commands."""
    if shutil.which("openssl") is None:
        missing("no certificates: openssl is not installed (Debian: apt-get install openssl)")
    folder = tmp_path_factory.mktemp("tls")
    ca_file = _authority(folder, "authority")
    keystore = _certificate(folder, ca_file)
    passwords = {role: f"secret-of-the-{role}" for role in ROLES}
    cluster = Cluster(
        protocol="SASL_SSL",
        users=passwords,
        properties={
            "listener.name.client.ssl.keystore.type": "PEM",
            "listener.name.client.ssl.keystore.location": str(keystore),
            # the mechanism that sends the password itself
            "listener.name.client.sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512,PLAIN",
            "listener.name.client.plain.sasl.jaas.config": (
                f'org.apache.kafka.common.security.plain.PlainLoginModule required user_worker="{passwords["worker"]}";'
            ),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # the nodes' own listeners have no login; whoever comes by the clients' has a name
            "super.users": "User:ANONYMOUS",
        },
    )
    try:
        cluster.start()
    except LaunchError as error:
        cluster.stop()
        missing(f"no real Kafka: {error}")
    with cluster:
        inner = f"127.0.0.1:{cluster.nodes[0].broker_port}"
        kafka = SecureKafka(cluster.bootstrap_servers, inner, ca_file, _authority(folder, "other"), passwords)
        admin = AdminClient({"bootstrap.servers": inner})
        for done in admin.create_acls(rights()).values():
            done.result()
        made = _run(kafka.environment("operator"), "topics", "create")
        assert made.status == 0, made.stderr
        yield kafka


@pytest.fixture
def tumen(secure_kafka: SecureKafka) -> Run:
    """Runs a command of `tumen` as a user to its end, and holds its exit status against the one expected."""

    def run(user: str, *arguments: str, status: int = 0, stdin: str = "", **variables: str) -> Done:
        done = _run(secure_kafka.environment(user, **variables), *arguments, stdin=stdin)
        assert done.status == status, f"{arguments}: exit status {done.status}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def _run(environment: dict[str, str], *arguments: str, stdin: str = "") -> Done:
    if arguments[0] != "worker":
        result = commands.tumen(*arguments, input=stdin, env=environment)
        return Done(result.exit_code, result.stdout, result.stderr)
    # it would take this process's signals and logs
    done = subprocess.run(
        [TUMEN, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def working(secure_kafka: SecureKafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Working:
    """Runs a worker inside; yields a function that waits until it has handled everything."""
    environment = secure_kafka.environment("worker")
    log = tmp_path / "worker.log"
    for name, value in environment.items():
        if name.startswith("TUMEN_"):
            monkeypatch.setenv(name, value)

    def start(data_dir: Path) -> "subprocess.Popen[bytes]":
        with log.open("wb") as out:
            return subprocess.Popen([TUMEN, "worker"], env=environment | {"TUMEN_DATA_DIR": str(data_dir)}, stderr=out)

    @asynccontextmanager
    async def run(data_dir: Path) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        worker = start(data_dir)
        # the worker's own credentials: its clients in this process get in as well
        settings = Settings.load()

        async def handled() -> None:
            async with asyncio.timeout(60):
                await wait_until_handled(settings)

        try:
            yield handled
            worker.terminate()
            assert await asyncio.to_thread(worker.wait, 20) == 0
        finally:
            worker.kill()
            worker.wait()
            print(log.read_text(errors="replace"))  # noqa: T201 -- shown where the test fails

    return run


# certificates


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _authority(folder: Path, name: str) -> Path:
    """Makes an authority's certificate, with its key beside it."""
    certificate = folder / f"{name}.pem"
    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    _openssl(*new, "-subj", f"/CN={name}", "-keyout", str(certificate.with_suffix(".key")), "-out", str(certificate))
    return certificate


def _certificate(folder: Path, ca_file: Path) -> Path:
    """Makes a broker's certificate for 127.0.0.1; returns the file that Kafka takes, of its key and certificate."""
    key, request, certificate = folder / "broker.key", folder / "broker.csr", folder / "broker.pem"
    new = ("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=broker")
    _openssl(*new, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(request))
    sign = ("x509", "-req", "-days", "2", "-copy_extensions", "copy", "-CA", str(ca_file))
    _openssl(*sign, "-CAkey", str(ca_file.with_suffix(".key")), "-in", str(request), "-out", str(certificate))
    keystore = folder / "broker-keystore.pem"
    keystore.write_text(key.read_text() + certificate.read_text())
    return keystore


# rights

_PATTERNS = {"literal": ResourcePatternType.LITERAL, "prefixed": ResourcePatternType.PREFIXED}
_OPERATIONS = {
    "Create": AclOperation.CREATE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
}


def rights() -> list[AclBinding]:
    """The rights that the commands in docs/operators.md give."""
    page = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.findall(r"^allow (.+)$", page, re.MULTILINE)
    assert commands, "docs/operators.md shows no commands that give rights"
    return [binding for command in commands for binding in _bindings(shlex.split(command))]


def _bindings(words: list[str]) -> list[AclBinding]:
    """What `kafka-acls.sh --add` makes of these words."""
    given: dict[str, list[str]] = {}
    while words:
        name = words.pop(0)
        given.setdefault(name, []).extend([] if name == "--cluster" else [words.pop(0)])
    operations = [_OPERATIONS[name] for name in given.pop("--operation")]
    [principal] = given.pop("--allow-principal")
    [pattern] = given.pop("--resource-pattern-type", ["literal"])
    resources = [(ResourceType.TOPIC, name) for name in given.pop("--topic", [])]
    resources += [(ResourceType.GROUP, name) for name in given.pop("--group", [])]
    resources += [(ResourceType.TRANSACTIONAL_ID, name) for name in given.pop("--transactional-id", [])]
    if given.pop("--cluster", None) is not None:
        resources.append((ResourceType.BROKER, "kafka-cluster"))
    assert not given, f"the tests do not know {list(given)}"
    assert resources
    return [
        AclBinding(kind, name, _PATTERNS[pattern], principal, "*", operation, AclPermissionType.ALLOW)
        for kind, name in resources
        for operation in operations
    ]
