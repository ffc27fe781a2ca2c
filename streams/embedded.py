"""The embedded broker: librdkafka's in-process cluster, for trying Tumen out and for tests.

It speaks Kafka's protocol on a loopback port. It keeps at most a few megabytes a partition, in memory, and forgets
all when it is closed.
"""

import ctypes
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import confluent_kafka

from streams.errors import BrokerError
from streams.settings import Settings, TableStore
from streams.topics import TOPICS

_PRODUCER = 0  # rd_kafka_type_t RD_KAFKA_PRODUCER
_ERROR_TEXT = 512


def _library() -> ctypes.CDLL:
    """Load the librdkafka that the confluent-kafka wheel brings: its Python module does not reach the cluster."""
    package = Path(confluent_kafka.__file__).parent
    places = (package.parent / "confluent_kafka.libs", package / ".dylibs", package.parent / "confluent_kafka.dylibs")
    for place in places:
        for path in sorted(place.glob("librdkafka*")):
            library = ctypes.CDLL(str(path))
            _declare(library)
            return library
    raise BrokerError(
        f"no librdkafka beside {package}; install confluent-kafka from its wheel (pip install --force-reinstall "
        "--only-binary :all: confluent-kafka), or use a real Kafka",
        code="embedded_unavailable",
    )


def _declare(library: ctypes.CDLL) -> None:
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "rd_kafka_new": (pointer, [number, pointer, text, ctypes.c_size_t]),
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, ctypes.c_size_t]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
        "rd_kafka_mock_broker_set_down": (number, [pointer, ctypes.c_int32]),
        "rd_kafka_mock_broker_set_up": (number, [pointer, ctypes.c_int32]),
        "rd_kafka_mock_push_request_errors_array": (
            None,
            [pointer, ctypes.c_int16, ctypes.c_size_t, ctypes.POINTER(ctypes.c_int)],
        ),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments


class EmbeddedCluster:
    """A cluster in this process, to be used as a context manager.

    It has no CreateTopics: its topics are made here, `TOPICS` with `partitions` each, or those of `topics`
    (partitions by name).
    """

    def __init__(self, *, partitions: int = 8, brokers: int = 1, topics: Mapping[str, int] | None = None) -> None:
        self._partitions = partitions
        self._brokers = brokers
        self._topics = topics if topics is not None else dict.fromkeys(TOPICS, partitions)
        self._library: ctypes.CDLL | None = None
        self._client: int | None = None
        self._cluster: int | None = None

    def __enter__(self) -> Self:
        library = self._library = _library()
        errors = ctypes.create_string_buffer(_ERROR_TEXT)
        conf = library.rd_kafka_conf_new()
        # the client is only there to own the cluster: what it says of itself is of no use
        library.rd_kafka_conf_set(conf, b"log_level", b"0", errors, _ERROR_TEXT)
        self._client = library.rd_kafka_new(_PRODUCER, conf, errors, _ERROR_TEXT)
        if not self._client:
            raise BrokerError(
                f"the embedded broker did not start: {errors.value.decode()}", code="embedded_unavailable"
            )
        self._cluster = library.rd_kafka_mock_cluster_new(self._client, self._brokers)
        if not self._cluster:
            library.rd_kafka_destroy(self._client)
            raise BrokerError(
                "the embedded broker did not start: no loopback port could be opened", code="embedded_unavailable"
            )
        for name, partitions in self._topics.items():
            self.create_topic(name, partitions)
        # by default the first member of a group would wait three seconds for others
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._library and self._cluster and self._client:
            self._library.rd_kafka_mock_cluster_destroy(self._cluster)
            self._library.rd_kafka_destroy(self._client)
        self._cluster = self._client = None

    def _open(self) -> tuple[ctypes.CDLL, int]:
        if self._library is None or self._cluster is None:
            raise BrokerError(
                "the embedded broker is not running; use it in a `with` statement", code="embedded_closed"
            )
        return self._library, self._cluster

    @property
    def bootstrap_servers(self) -> str:
        """Where it listens, as `host:port` separated by commas."""
        library, cluster = self._open()
        servers: bytes = library.rd_kafka_mock_cluster_bootstraps(cluster)
        return servers.decode()

    @property
    def partitions(self) -> int:
        """Partitions of Tumen's topics."""
        return self._partitions

    def settings(self, **values: Any) -> Settings:
        """Return settings for a worker or client of this cluster; tables are kept in memory, as the cluster is."""
        return Settings.load(
            **{
                "kafka_bootstrap_servers": self.bootstrap_servers,
                "kafka_security_protocol": "PLAINTEXT",
                "kafka_sasl_username": None,
                "kafka_sasl_password": None,
                "kafka_ca_file": None,
                "kafka_client_cert_file": None,
                "kafka_client_key_file": None,
                "partitions": self._partitions,
                "table_store": TableStore.MEMORY,
                # the embedded cluster lets a worker into a group that has been left only after this time
                "session_timeout": 2.0,
                **values,
            }
        )

    def create_topic(self, name: str, partitions: int) -> None:
        """Make a topic."""
        library, cluster = self._open()
        # A request that comes while the cluster's thread finishes the one before does not wake it: it would lie for a
        # second.
        time.sleep(0.002)
        code = library.rd_kafka_mock_topic_create(cluster, name.encode(), partitions, 1)
        if code:
            raise BrokerError(f"the embedded broker could not make topic {name} (error {code})", code="embedded_topic")

    def set_down(self, broker: int = 1) -> None:
        """Cut a broker off: its connections are closed and new ones refused. Brokers are counted from 1."""
        library, cluster = self._open()
        library.rd_kafka_mock_broker_set_down(cluster, broker)

    def set_up(self, broker: int = 1) -> None:
        """Let a broker be reached again."""
        library, cluster = self._open()
        library.rd_kafka_mock_broker_set_up(cluster, broker)

    def push_errors(self, api_key: int, *codes: int) -> None:
        """Answer the next requests of a kind (Kafka's API key, 0 is Produce) with these error codes, one each."""
        library, cluster = self._open()
        library.rd_kafka_mock_push_request_errors_array(
            cluster, api_key, len(codes), (ctypes.c_int * len(codes))(*codes)
        )
