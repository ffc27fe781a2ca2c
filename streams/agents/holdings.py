"""The partitions that a keeper of state holds: each with a sender by which nobody else sends, and its state fenced.

A partition is taken over before its state is read from the changelog. From then on nothing of its former owner gets
into the changelog, nor where else the keeper reads before it writes; all else of it is refused from the first record on
that the new owner sends there (streams/fence.py). That is enough: what the former owner sent before was of records that
it could not commit, which come to the new owner and give the same again, later.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from streams.connecting import explained
from streams.fence import PATIENCE, FencedError, Fencing, Identity, Member, OvertakenError
from streams.sender import Outgoing, Sender
from streams.settings import Settings

FENCE = b"\xfffence"
"""Key of the record in a changelog that a takeover leaves: a deletion of what never is there, as keys are UTF-8. It
shows the log the new identity, and unlike a transaction's mark it is read, so that Faust's recovery finds the end."""

LASTS = 12 * 3600.0
"""Seconds after which a partition is taken over from oneself. Kafka forgets the epoch that a log has seen after a day
without records (`producer.id.expiration.ms`), and a name after a week (`transactional.id.expiration.ms`)."""


_AT_A_TIME = 32
"""How many partitions are taken over at the same time, each with a connection of its own."""


@dataclass
class _Hold:
    sender: Sender
    generation: int
    since: float = field(default_factory=time.monotonic)
    lost: bool = False

    def lasts(self) -> bool:
        return not self.lost and time.monotonic() - self.since < LASTS


class Holdings:
    """The partitions that one keeper of a worker holds, in the group's current generation.

    Args:
        settings: which Kafka, and the group.
        fencing: asks Kafka for identities.
        stage: the keeper's name, a part of the partitions' names.
        changelog: topic of its state.
        silenced: other topics that it reads when it has taken a partition over; the same partition of each.
        member_id: returns the worker's id in the group.
    """

    def __init__(
        self,
        settings: Settings,
        fencing: Fencing,
        *,
        stage: str,
        changelog: str,
        silenced: Collection[str],
        member_id: Callable[[], str],
    ) -> None:
        self.changelog = changelog
        self._settings = settings
        self._fencing = fencing
        self._stage = stage
        self._silenced = silenced
        self._member_id = member_id
        self._held: dict[int, _Hold] = {}
        self._room = asyncio.Semaphore(_AT_A_TIME)

    async def take(self, partitions: Collection[int], generation: int) -> None:
        """Hold these partitions and no others, in a generation of the group. Returns when their state may be read.

        One that was held in the generation before is held on: nobody else can have had it in between.

        Raises:
            OvertakenError: the group has a new generation already.
            BrokerError: Kafka refuses, or could not be reached for five minutes.
        """
        for partition, hold in list(self._held.items()):
            if partition not in partitions or hold.generation not in (generation - 1, generation) or not hold.lasts():
                del self._held[partition]
                await hold.sender.stop()
            else:
                hold.generation = generation
        outcomes = await asyncio.gather(
            *(self._fence(partition, generation) for partition in partitions if partition not in self._held),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def sender(self, partition: int, generation: int) -> Sender:
        """Return what sends for a partition; one that was lost is taken over anew, if it is this worker's still.

        Raises:
            OvertakenError: it is not.
            BrokerError: Kafka refuses, or could not be reached for five minutes.
        """
        hold = self._held.get(partition)
        if hold is None or hold.generation != generation:
            raise OvertakenError
        if not hold.lasts():
            await self._fence(partition, generation)
            await hold.sender.stop()
        return self._held[partition].sender

    def lose(self, partition: int) -> None:
        """Note that a partition's sender is of no use any more."""
        if partition in self._held:
            self._held[partition].lost = True

    async def stop(self) -> None:
        """Let all partitions go."""
        held, self._held = self._held, {}
        await asyncio.gather(*(hold.sender.stop() for hold in held.values()))

    async def _fence(self, partition: int, generation: int) -> None:
        async def identify() -> Identity:
            return await self._fencing.take(
                f"{self._settings.group_id}-{self._stage}-{partition}",
                [TopicPartition(topic, partition) for topic in self._silenced],
                Member(self._settings.group_id, generation, self._member_id()),
            )

        began = time.monotonic()
        async with self._room:
            while True:
                sender = Sender(self._settings, identify)
                try:
                    await sender.start()
                    await sender.send([Outgoing(self.changelog, FENCE, None, [], partition)])
                except FencedError as error:
                    await sender.stop()
                    raise OvertakenError from error
                except KafkaConnectionError as error:
                    await sender.stop()
                    if time.monotonic() - began > PATIENCE:
                        raise await explained(self._settings) from error
                    await asyncio.sleep(0.5)
                except BaseException:
                    await sender.stop()
                    raise
                else:
                    self._held[partition] = _Hold(sender, generation)
                    return
