"""Fencing: what a worker still sends after its partition has gone to another is refused by the broker.

A worker that the group has shut out need not know it: its network stalled, and its last requests may reach the broker
after the next owner has begun. Each owner of a partition therefore sends under an identity, a producer id with an
epoch, that Kafka gives to whoever asks for it by the partition's name (its transactional id). The id stays the same and
the epoch is one higher each time, and a log that has seen a higher epoch of an id takes nothing of a lower one. Records
are sent outside transactions, as before: subscribers see nothing of all this.

A log sees the new epoch with the first record of the new owner. Where the owner reads before it writes, it has to be
told at once: by an empty transaction that is aborted (`silenced`), whose mark in the log no consumer is given.

The identity goes to whoever asks last, which may be a worker that is shut out itself and whose request lay about. So it
counts only if the group still knows the worker after it was given: the next owner asks later than that, by then the
group has a new generation.
"""

import asyncio
import time
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, Self

import structlog
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.errors import (
    ConcurrentTransactions,
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    IllegalGenerationError,
    InvalidProducerEpoch,
    KafkaError,
    NotCoordinatorError,
    OperationNotAttempted,
    ProducerFenced,
    RebalanceInProgressError,
    TransactionalIdAuthorizationFailed,
    UnknownMemberIdError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.api import Request, Response
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.transaction import AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest

from streams.connecting import explained
from streams.errors import BrokerError
from streams.settings import Settings

log = structlog.get_logger(__name__)

PATIENCE = 300.0
"""Seconds for which Kafka may be out of reach before a worker gives up; a supervisor starts it again."""

_TRANSACTION_MS = 10_000
"""After so long Kafka ends a transaction whose worker has died in the midst of it."""

_FENCED = (InvalidProducerEpoch, ProducerFenced)
_PASSING = (
    ConcurrentTransactions,
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
    UnknownTopicOrPartitionError,
)


class OvertakenError(Exception):
    """A partition has gone to another worker, or soon will: its records come again, to whoever has it then."""


class FencedError(Exception):
    """Somebody has asked for the identity under which this was sent: the broker refuses it under the old one."""


class Identity(NamedTuple):
    """Under which a producer sends."""

    producer_id: int
    epoch: int


class Member(NamedTuple):
    """A worker as its group knows it, in one generation of the group."""

    group: str
    generation: int
    id: str


class Fencing:
    """Asks Kafka's coordinators for identities. A context manager, or `start` and `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = AIOKafkaClient(**settings.aiokafka_options(), client_id="tumen-worker")
        self._coordinators: dict[tuple[int, str], int] = {}

    async def start(self) -> None:
        """Connect.

        Raises:
            BrokerError: Kafka cannot be reached, or does not let this client in.
        """
        try:
            await self._client.bootstrap()
        except (KafkaError, OSError) as error:
            await self._client.close()
            raise await explained(self._settings) from error

    async def stop(self) -> None:
        """Disconnect."""
        await self._client.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def take(self, name: str, silenced: Collection[TopicPartition], member: Member) -> Identity:
        """Take the identity of a name over from whoever has it.

        Args:
            name: the transactional id.
            silenced: where nothing more of the former owner may arrive once this returns. Elsewhere its records are
                refused from the first one on that is sent under the new identity.
            member: who asks.

        Raises:
            OvertakenError: the group has a new generation, or does not know the member any more.
            BrokerError: Kafka refuses, or could not be reached for five minutes.
        """
        while True:
            # whoever knows that it is shut out does not disturb the owner
            await self._confirm(member)
            try:
                identity = await self.identity(name)
                if silenced:
                    await self._silence(name, identity, silenced)
                    # given only when the marks are written: until then the answer is ConcurrentTransactions
                    identity = await self.identity(name)
            except FencedError:
                log.info("another worker has asked for the same identity", name=name)
            else:
                await self._confirm(member)
                return identity

    async def identity(self, name: str, patience: float = PATIENCE) -> Identity:
        """Ask for the identity of a name; the one that was given before counts no more.

        Raises:
            BrokerError: Kafka refuses, or could not be reached for so many seconds.
        """
        response = await self._ask(
            CoordinationType.TRANSACTION, name, InitProducerIdRequest(name, _TRANSACTION_MS), patience
        )
        return Identity(response.producer_id, response.producer_epoch)

    async def _silence(self, name: str, identity: Identity, where: Collection[TopicPartition]) -> None:
        topics = [(each.topic, [part.partition for part in where if part.topic == each.topic]) for each in where]
        transaction = CoordinationType.TRANSACTION
        await self._ask(transaction, name, AddPartitionsToTxnRequest(name, *identity, list(dict(topics).items())))
        await self._ask(transaction, name, EndTxnRequest(name, *identity, transaction_result=False))

    async def _confirm(self, member: Member) -> None:
        """See that the group knows this member in this generation.

        Raises:
            OvertakenError: it does not.
        """
        try:
            await self._ask(
                CoordinationType.GROUP, member.group, HeartbeatRequest(member.group, member.generation, member.id)
            )
        except (IllegalGenerationError, UnknownMemberIdError) as error:
            raise OvertakenError from error
        except RebalanceInProgressError:
            # the next generation has not begun: whoever comes after us asks later than we did
            return

    async def _ask(self, kind: int, key: str, request: Request[Any], patience: float = PATIENCE) -> Any:
        """Ask the coordinator of a group or a transactional id until it answers.

        Raises:
            FencedError: the identity in the request is not the last one.
            KafkaError: what the group says against a member.
            BrokerError: Kafka refuses, or does not answer for so many seconds.
        """
        began, pause = time.monotonic(), 0.01
        while True:
            try:
                node = await self._coordinator(kind, key)
                response = await self._client.send(node, request, group=ConnectionGroup.COORDINATION)
                for error in _errors(response):
                    raise error
            except _FENCED as error:
                raise FencedError from error
            except (IllegalGenerationError, UnknownMemberIdError, RebalanceInProgressError):
                raise
            except KafkaError as error:
                if not (error.retriable or isinstance(error, _PASSING)) or time.monotonic() - began > patience:
                    raise self._refused(key, error) from error
                if not isinstance(error, ConcurrentTransactions):
                    self._coordinators.pop((kind, key), None)
                    # it may have moved to a broker that this client has not heard of
                    await self._client.force_metadata_update()
                await asyncio.sleep(pause)
                pause = min(2 * pause, 1.0)
            else:
                return response

    async def _coordinator(self, kind: int, key: str) -> int:
        if (kind, key) not in self._coordinators:
            self._coordinators[kind, key] = await self._client.coordinator_lookup(kind, key)
        return self._coordinators[kind, key]

    def _refused(self, name: str, error: KafkaError) -> BrokerError:
        servers, reason = self._settings.kafka_bootstrap_servers, f"{type(error).__name__}: {error}"
        told = f"Kafka at {servers} gives no producer identity for {name}: {reason}. "
        if isinstance(error, TransactionalIdAuthorizationFailed):
            return BrokerError(
                f"{told}The worker's user needs the right to WRITE transactional ids that begin with its group's name; "
                "docs/operators.md#access-rights has the command that gives it",
                code="rights_missing",
            )
        return BrokerError(
            f"{told}Check that Kafka is up, and that it can keep its log of transactions: "
            "transaction.state.log.replication.factor, 3 by default, must not be greater than the number of brokers, "
            "and transaction.state.log.min.isr not greater than those that are up",
            code="no_fencing",
        )


def _errors(response: Response) -> Iterable[KafkaError]:
    """Return what a response says against the request, the reason first."""
    told: Any = response
    codes = (
        [code for _, partitions in told.errors for _, code in partitions]
        if hasattr(told, "errors")
        else [told.error_code]
    )
    errors = [for_code(code)() for code in codes if code]
    return sorted(errors, key=lambda error: isinstance(error, OperationNotAttempted))
