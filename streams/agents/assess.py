"""assess: claims in; facts and alerts out.

The order of things is that of every keeper of state (streams/agents/keeper.py). Alerts that the broker already has are
not sent again (streams/agents/sent.py). `raised_at` is the timestamp of the claim's record, so that a repetition is the
same to the byte.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, Protocol

import structlog

from schemas import Alert, Claim, Fact, Withdrawal
from schemas.dead_letter import Stage
from streams.agents.dead_letters import Received, headers_of, received_at
from streams.agents.keeper import Keeper, Taken, Work
from streams.agents.sent import SentAlerts
from streams.agents.state import Overlay
from streams.cloudevents import CLAIM_WITHDRAWN, Headers, event_of, is_history, traceparent_of
from streams.cloudevents import headers_of as cloudevents
from streams.codec import decode, encode
from streams.errors import BadInputError, TumenError
from streams.facts import Assessment, slot
from streams.pool import described
from streams.sender import Outgoing
from streams.settings import Settings
from streams.topics import ALERTS, FACTS, FACTS_ARCHIVE

log = structlog.get_logger(__name__)


class AnyAssessor(Protocol):
    """What the agent asks of an assessor."""

    def assess(self, claim: Claim, *, raised_at: datetime, history: bool = False) -> Assessment: ...

    def withdraw(self, slot_: str, claim_id: str) -> Assessment: ...


class Court(NamedTuple):
    """What assesses the claims of a partition, and the ids of the alerts that lay there when it began."""

    assessor: AnyAssessor
    sent: frozenset[str]


class Judge(Keeper[Court]):
    """The agent's engine. Claims of a partition are assessed one after another, in their order."""

    stage = Stage.ASSESS

    def __init__(
        self,
        settings: Settings,
        work: Work,
        assessor: Callable[[Overlay], AnyAssessor],
    ) -> None:
        super().__init__(work)
        self._sent = SentAlerts(settings)
        self._assessor = assessor

    async def _part(self, partition: int, state: Overlay) -> Court:
        return Court(self._assessor(state), await self._sent.ids(partition))

    def _take(self, message: Received, part: Court) -> Taken:
        given = headers_of(message)
        assessment = self._judge(message, given, part.assessor)
        # what the state knows of was acknowledged before it got there
        raised = [] if assessment.repeated else [each for each in assessment.alerts if each.id not in part.sent]
        trace = traceparent_of(given)
        records = [
            *(_fact(FACTS_ARCHIVE, fact, trace) for fact in assessment.archived),
            *(_tombstone(fact.id) for fact in assessment.archived),
            *(_fact(FACTS, fact, trace) for fact in assessment.facts),
            *(_tombstone(fact_id) for fact_id in assessment.removed),
            *(
                Outgoing(ALERTS, each.fact_id.encode(), encode(each), cloudevents(each, trace), message.partition)
                for each in raised
            ),
        ]
        return Taken(records, lambda: self._count(raised))

    def _count(self, raised: list[Alert]) -> None:
        self._metrics.assessed.inc()
        for alert in raised:
            self._metrics.alert(alert)

    def _judge(self, message: Received, given: Headers, assessor: AnyAssessor) -> Assessment:
        """Take in a claim, or take one back."""
        trace = traceparent_of(given)
        if event_of(given) == CLAIM_WITHDRAWN:
            withdrawal = decode(Withdrawal, message.value)
            with _faults_named("withdrawing", withdrawal.id):
                assessment = assessor.withdraw(slot(withdrawal), withdrawal.id)
            log.debug("withdrawn", article=withdrawal.article_id, claim=withdrawal.id, traceparent=trace)
            return assessment
        claim = decode(Claim, message.value)
        with _faults_named("assessing", claim.id):
            assessment = assessor.assess(claim, raised_at=received_at(message), history=is_history(given))
        log.debug(
            "assessed", article=claim.article_id, claim=claim.id, alerts=len(assessment.alerts), traceparent=trace
        )
        return assessment


def _fact(topic: str, fact: Fact, traceparent: str | None) -> Outgoing:
    return Outgoing(topic, fact.id.encode(), encode(fact), cloudevents(fact, traceparent))


def _tombstone(fact_id: str) -> Outgoing:
    return Outgoing(FACTS, fact_id.encode(), None, [])


@contextmanager
def _faults_named(what: str, claim_id: str) -> Iterator[None]:
    """Make of any fault of the assessor one that names the claim."""
    try:
        yield
    except TumenError:
        raise
    except Exception as error:
        raise BadInputError(
            f"{what} claim {claim_id} {described(error)}: please report it, and run `tumen dead-letters replay` once "
            "it is mended",
            code="assess_failed",
        ) from error
