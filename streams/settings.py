"""Settings: one typed model, read from environment variables with the prefix `TUMEN_`.

`python -m streams.settings` prints the table that `docs/settings.md` holds.
"""

import os
import ssl
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from streams.errors import SettingsError

PREFIX = "TUMEN_"

TEST_VARIABLES = frozenset({"TUMEN_TEST_KAFKA", "TUMEN_REQUIRE_KAFKA"})
"""Variables of the test suite: whoever tests has them set for `make run` too, and they are no settings."""

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest record. A text of 1,000,000 characters has up to 12 MB where the feeder escapes every one of them."""

MAX_DEAD_LETTER_BYTES = MAX_MESSAGE_BYTES + 1024 * 1024
"""The largest dead letter: the largest record and a reason. A record whose letter did not fit would be met for ever."""


class SecurityProtocol(StrEnum):
    """How clients speak to the brokers."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    """How clients prove who they are."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class TableStore(StrEnum):
    """Where a worker keeps its part of the table of facts; the changelog topic holds it as well."""

    MEMORY = "memory"
    ROCKSDB = "rocksdb"


class LogFormat(StrEnum):
    """How log lines are written: `auto` is text on a terminal and JSON elsewhere."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The least severe messages that are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _servers(value: str) -> str:
    for server in value.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or "@" in host or not port.isdecimal() or not 0 < int(port) < 65536:
            # not quoted: a password may stand before an @
            raise ValueError("it is not host:port; write for instance 127.0.0.1:9092,10.0.0.2:9092")
    return ",".join(server.strip() for server in value.split(","))


def _existing(path: Path) -> Path:
    path = path.expanduser()
    if not path.is_file():
        raise ValueError("there is no such file; give the path of a PEM file that this process may read")
    return path


def _pipelines(value: str) -> str:
    for part in filter(None, map(str.strip, value.split(","))):
        language, _, name = part.partition("=")
        if not (language.strip() and name.strip()):
            raise ValueError(f"{part!r} is not language=pipeline; write for instance uk=uk_core_news_sm,en=/models/en")
    return value


PemFile = Annotated[Path, AfterValidator(_existing)]
Directory = Annotated[Path, AfterValidator(Path.expanduser)]


class Settings(BaseSettings):
    """All settings of Tumen. Read them with `Settings.load`, which explains what is wrong."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    kafka_bootstrap_servers: Annotated[str, AfterValidator(_servers)] = Field(
        default="127.0.0.1:9092", description="Brokers to begin with, `host:port`, separated by commas."
    )
    kafka_security_protocol: SecurityProtocol = Field(
        default=SecurityProtocol.PLAINTEXT, description="`SSL` and `SASL_SSL` encrypt; the `SASL_` ones log in."
    )
    kafka_sasl_mechanism: SaslMechanism = Field(
        default=SaslMechanism.SCRAM_SHA_512, description="How to log in; used by the `SASL_` protocols."
    )
    kafka_sasl_username: str | None = Field(default=None, description="User; needed by the `SASL_` protocols.")
    kafka_sasl_password: SecretStr | None = Field(
        default=None, description="Password; needed by the `SASL_` protocols."
    )
    kafka_ca_file: PemFile | None = Field(
        default=None,
        description="PEM file of the authorities that sign the brokers' certificates; the system's if unset.",
    )
    kafka_client_cert_file: PemFile | None = Field(
        default=None, description="PEM file of the client's certificate, where brokers ask for one."
    )
    kafka_client_key_file: PemFile | None = Field(default=None, description="PEM file of the client certificate's key.")
    kafka_client_key_password: SecretStr | None = Field(
        default=None, description="Password of the client certificate's key, if it has one."
    )
    kafka_wait: float = Field(
        default=60.0,
        ge=0,
        description="Seconds that a worker waits at its start until Kafka is reached and the topics are there.",
    )
    group_id: str = Field(
        default="tumen",
        pattern=r"^[A-Za-z0-9._-]{1,200}$",
        description="Consumer group of the workers; the same for all that share the work.",
    )
    session_timeout: float = Field(
        default=20.0,
        ge=1,
        le=40,
        description="Seconds after which others take over from a worker that is not heard of. Brokers set bounds: "
        "`group.min.session.timeout.ms`, 6 s by default.",
    )
    partitions: int = Field(
        default=8,
        ge=1,
        le=10_000,
        description="Partitions of each topic: the most workers that can share the work. Fixed once topics are made.",
    )
    replication: int = Field(
        default=1,
        ge=1,
        le=10,
        description="Replicas of each partition that Tumen makes: 3 where there are three brokers.",
    )
    data_dir: Directory = Field(
        default=Path("~/.local/share/tumen"),
        validate_default=True,
        description="Where workers keep their tables, each in a directory of its own. On a volume, restarts are quick.",
    )
    table_store: TableStore = Field(
        default=TableStore.ROCKSDB,
        description="`rocksdb` survives a restart; `memory` is read again from the changelog topic.",
    )
    processes: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=256,
        description="Processes that read articles. Default: one a core.",
    )
    batch_size: int = Field(default=16, ge=1, le=1000, description="The most articles that go to a process at a time.")
    spacy_pipelines: Annotated[str, AfterValidator(_pipelines)] = Field(
        default="",
        description="spaCy pipelines of your own, whose names are added to Tumen's: `language=package or path`, "
        "separated by commas (`uk=uk_core_news_sm`). You install them; they take most of an article's time.",
    )
    extraction_time_limit: float = Field(
        default=30.0, gt=0, le=240, description="Seconds that one article may take; then its process is killed."
    )
    extraction_memory_limit: int = Field(
        default=2048,
        ge=256,
        description="MiB that a process may take for articles, on top of the knowledge it has loaded.",
    )
    max_tries: int = Field(
        default=2,
        ge=1,
        le=10,
        description="How often an article that kills its process is tried before it is a dead letter.",
    )
    alerts_min_confidence: float = Field(
        default=0.65,
        ge=0,
        le=1,
        description="How likely it must be that a claim is right, and for a new fact that nobody has told it, for an "
        "alert. With a lower one fewer reports are missed and more alerts are false; the same for all workers.",
    )
    facts_keep_days: int = Field(
        default=1100,
        ge=1,
        description="Days after which a fact that nobody has mentioned goes to the archive topic. Days are counted by "
        "the dates of articles, for each slot.",
    )
    log_level: LogLevel = Field(default=LogLevel.INFO, description="The least severe messages that are logged.")
    log_format: LogFormat = Field(
        default=LogFormat.AUTO, description="`json`, `text`, or `auto`: text on a terminal and JSON elsewhere."
    )
    web_enabled: bool = Field(default=False, description="Serve `/healthz`, `/readyz` and `/metrics`.")
    web_host: str = Field(
        default="127.0.0.1", description="Address to serve them on; `0.0.0.0` to let a scraper on another host in."
    )
    web_port: int = Field(default=8090, ge=0, le=65535, description="Port to serve them on; 0 takes a free one.")
    stall_limit: float = Field(
        default=300.0,
        gt=0,
        description="Seconds without progress, while records wait, after which a worker exits with status 1.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments and the environment only: a stray `.env` file must not change what a worker does."""
        return init_settings, env_settings

    @classmethod
    def load(cls, **values: Any) -> Self:
        """Read the settings from the environment; `values` take precedence over it.

        Raises:
            SettingsError: a value is wrong or a `TUMEN_` variable is not known; names the variable and the remedy.
        """
        for name in sorted(os.environ):
            if name.upper().startswith(PREFIX) and name not in TEST_VARIABLES and variables().get(name.upper()) is None:
                raise SettingsError(f"{name} is not a setting of Tumen{_suggestion(name)}")
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingsError("\n".join(_explained(detail) for detail in error.errors())) from None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.sasl and not (self.kafka_sasl_username and self.kafka_sasl_password):
            raise ValueError(
                f"TUMEN_KAFKA_SECURITY_PROTOCOL={self.kafka_security_protocol} needs TUMEN_KAFKA_SASL_USERNAME and "
                "TUMEN_KAFKA_SASL_PASSWORD; set both"
            )
        if self.kafka_sasl_username and not self.sasl:
            raise ValueError(
                f"TUMEN_KAFKA_SASL_USERNAME has no effect with TUMEN_KAFKA_SECURITY_PROTOCOL="
                f"{self.kafka_security_protocol}; set that to SASL_SSL"
            )
        if bool(self.kafka_client_cert_file) != bool(self.kafka_client_key_file):
            raise ValueError(
                "TUMEN_KAFKA_CLIENT_CERT_FILE and TUMEN_KAFKA_CLIENT_KEY_FILE go together; set both or none"
            )
        if (self.kafka_ca_file or self.kafka_client_cert_file) and not self.tls:
            raise ValueError(
                "TUMEN_KAFKA_CA_FILE and TUMEN_KAFKA_CLIENT_CERT_FILE have no effect with "
                f"TUMEN_KAFKA_SECURITY_PROTOCOL={self.kafka_security_protocol}; set that to SSL or SASL_SSL"
            )
        return self

    @property
    def pipelines(self) -> dict[str, str]:
        """The spaCy pipelines by language."""
        parts = [part.partition("=") for part in self.spacy_pipelines.split(",") if part.strip()]
        return {language.strip(): name.strip() for language, _, name in parts}

    @property
    def sasl(self) -> bool:
        """Whether clients log in."""
        return self.kafka_security_protocol in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)

    @property
    def tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.kafka_security_protocol in (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the TLS context for aiokafka and Faust; None where connections are not encrypted."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.kafka_ca_file)
            if self.kafka_client_cert_file:
                password = self.kafka_client_key_password
                context.load_cert_chain(
                    self.kafka_client_cert_file,
                    self.kafka_client_key_file,
                    # without a password OpenSSL would ask for one on the terminal
                    password.get_secret_value() if password else "",
                )
        except (ssl.SSLError, OSError) as error:
            raise SettingsError(
                f"the TLS files cannot be used ({error}); check that TUMEN_KAFKA_CA_FILE, TUMEN_KAFKA_CLIENT_CERT_FILE "
                "and TUMEN_KAFKA_CLIENT_KEY_FILE are PEM files that belong together, and the key's password"
            ) from None
        return context

    def aiokafka_options(self) -> dict[str, Any]:
        """Return the connection options of any aiokafka client. They hold secrets: never log them."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.kafka_bootstrap_servers,
            "security_protocol": self.kafka_security_protocol.value,
        }
        if self.tls:
            options["ssl_context"] = self.ssl_context()
        if self.sasl and self.kafka_sasl_password:
            options["sasl_mechanism"] = self.kafka_sasl_mechanism.value
            options["sasl_plain_username"] = self.kafka_sasl_username
            options["sasl_plain_password"] = self.kafka_sasl_password.get_secret_value()
        return options

    def aiokafka_producer_options(self) -> dict[str, Any]:
        """Return the options of an aiokafka producer that loses and doubles nothing and takes the largest record."""
        return self.aiokafka_options() | {
            "acks": "all",
            "enable_idempotence": True,
            "max_request_size": MAX_DEAD_LETTER_BYTES,
        }

    def confluent_options(self) -> dict[str, Any]:
        """Return the connection options of any confluent-kafka client. They hold secrets: never log them."""
        options: dict[str, Any] = {
            "bootstrap.servers": self.kafka_bootstrap_servers,
            "security.protocol": self.kafka_security_protocol.value,
            "message.max.bytes": MAX_DEAD_LETTER_BYTES,
        }
        if self.kafka_ca_file:
            options["ssl.ca.location"] = str(self.kafka_ca_file)
        if self.kafka_client_cert_file:
            options["ssl.certificate.location"] = str(self.kafka_client_cert_file)
            options["ssl.key.location"] = str(self.kafka_client_key_file)
        if self.kafka_client_key_password:
            options["ssl.key.password"] = self.kafka_client_key_password.get_secret_value()
        if self.sasl and self.kafka_sasl_password:
            options["sasl.mechanism"] = self.kafka_sasl_mechanism.value
            options["sasl.username"] = self.kafka_sasl_username
            options["sasl.password"] = self.kafka_sasl_password.get_secret_value()
        return options


def variables() -> Mapping[str, str]:
    """Return the field of `Settings` for each environment variable, in the order of the table."""
    return {PREFIX + name.upper(): name for name in Settings.model_fields}


def _suggestion(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.upper(), variables(), n=1)
    return f"; did you mean {close[0]}?" if close else "; docs/settings.md lists them. Unset it"


def _explained(detail: Any) -> str:
    """Say in one line what is wrong with a setting, never showing a secret."""
    message = str(detail["msg"]).removeprefix("Value error, ")
    if not detail["loc"]:
        return message
    name = str(detail["loc"][0])
    variable = PREFIX + name.removeprefix(PREFIX.lower()).upper()
    if detail["type"] == "extra_forbidden":
        return f"{variable} is not a setting of Tumen{_suggestion(variable)}"
    secret = "SecretStr" in str(Settings.model_fields[name].annotation) or "@" in str(detail["input"])
    value = "its value" if secret else repr(detail["input"])
    about = Settings.model_fields[name].description or ""
    return f"{variable}: {value} is wrong: {message}. Meaning: {about}"


def settings_table() -> str:
    """Return the page of settings, in Markdown."""
    lines = [
        "# Settings",
        "",
        "<!-- Made by `python -m streams.settings > docs/settings.md`; edit streams/settings.py instead. -->",
        "",
        "Tumen reads these environment variables. An unset or empty one has its default; an unknown one that begins",
        "with `TUMEN_`, and a wrong value, are errors. Passwords are never shown in logs or messages.",
        "",
        "| variable | default | meaning |",
        "| --- | --- | --- |",
    ]
    for variable, name in variables().items():
        field = Settings.model_fields[name]
        if field.default is PydanticUndefined or field.default is None:
            default = ""
        else:
            value = str(field.default).lower() if isinstance(field.default, bool) else field.default
            default = f"`{value}`"
        lines.append(f"| `{variable}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(settings_table(), end="")  # noqa: T201
