"""Why a Kafka cannot be reached or does not let a client in, in words that name the remedy."""

import ssl

from aiokafka.conn import create_conn
from aiokafka.errors import BrokerResponseError, KafkaError

from streams.errors import BrokerError
from streams.settings import Settings


def unreachable(settings: Settings, reason: str) -> BrokerError:
    """Nobody answers, or nobody who speaks Kafka's protocol."""
    return BrokerError(
        f"no Kafka at {settings.kafka_bootstrap_servers} that speaks {settings.kafka_security_protocol} ({reason}). "
        "Start one with `make kafka`, or set TUMEN_KAFKA_BOOTSTRAP_SERVERS and the other TUMEN_KAFKA_ settings",
        code="unreachable",
    )


def not_trusted(settings: Settings, reason: str) -> BrokerError:
    """There is no encrypted connection: as a rule because the broker's certificate is none that the client trusts."""
    authority = settings.kafka_ca_file or "this machine's own"
    return BrokerError(
        f"no trusted connection to Kafka at {settings.kafka_bootstrap_servers} ({reason}). Check that "
        f"TUMEN_KAFKA_CA_FILE ({authority}) holds the authority that signed the brokers' certificates, that these are "
        "made out to the names in TUMEN_KAFKA_BOOTSTRAP_SERVERS, and that the brokers speak TLS there",
        code="not_trusted",
    )


def not_let_in(settings: Settings, reason: str) -> BrokerError:
    """The broker does not take the user, the password or the way of logging in."""
    return BrokerError(
        f"Kafka at {settings.kafka_bootstrap_servers} does not let the user {settings.kafka_sasl_username} in "
        f"({reason}). Check TUMEN_KAFKA_SASL_USERNAME, TUMEN_KAFKA_SASL_PASSWORD and TUMEN_KAFKA_SASL_MECHANISM",
        code="not_let_in",
    )


async def explained(settings: Settings) -> BrokerError:
    """Return why no broker could be reached: aiokafka's clients only log it, so it is tried once more."""
    reasons = []
    options = settings.aiokafka_options()
    for server in options.pop("bootstrap_servers").split(","):
        host, _, port = server.rpartition(":")
        try:
            connection = await create_conn(host.strip("[]"), int(port), **options)
        except ssl.SSLError as error:
            return not_trusted(settings, str(error))
        except BrokerResponseError as error:
            return not_let_in(settings, str(error))
        except (KafkaError, OSError, TimeoutError) as error:
            reasons.append(str(error) or type(error).__name__)
        else:
            connection.close()
            reasons.append("it answers, but told nothing of its topics in time")
    return unreachable(settings, "; ".join(reasons))
