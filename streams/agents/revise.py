"""revise: an enriched article in; its claims out, and withdrawals of those that an earlier revision had made.

Enriched articles have the article's id as their key, so that all revisions of an article meet here, in one partition,
whatever key its feeder gave it.
"""

import re

from schemas import EnrichedArticle
from schemas.dead_letter import Stage
from schemas.headers import ARTICLE_OFFSET, ARTICLE_TIMESTAMP
from streams.agents.dead_letters import Received, headers_of, received_at
from streams.agents.keeper import Keeper, Taken
from streams.agents.state import Overlay
from streams.cloudevents import Headers, history_header, is_history, traceparent_of
from streams.cloudevents import headers_of as cloudevents
from streams.codec import decode, encode
from streams.errors import BadInputError
from streams.facts import slot
from streams.revisions import Revision, Stamp, revise
from streams.sender import Outgoing
from streams.topics import CLAIMS

_NUMBER = re.compile(rb"[0-9]{1,18}")


class Reviser(Keeper[Overlay]):
    """The agent's engine. Revisions of an article are compared one after another, in their order."""

    stage = Stage.REVISE

    async def _part(self, partition: int, state: Overlay) -> Overlay:
        return state

    def _take(self, message: Received, part: Overlay) -> Taken:
        enriched = decode(EnrichedArticle, message.value)
        identifier, published_at = enriched.article.id, enriched.article.published_at
        if identifier is None or published_at is None:
            raise BadInputError(
                "the enriched article has no id or no date: somebody else wrote to the topic", code="missing_field"
            )
        given = headers_of(message)
        stamp = Stamp(published_at, *_published(message, given))
        known = part.look_up(identifier)
        before = None if known is None else Revision.decoded(known)
        change, revision = revise(before, identifier, enriched.claims, stamp)
        if revision is not None and (encoded := revision.encoded()) != known:
            part[identifier] = encoded
        trace = traceparent_of(given)
        mark = history_header() if is_history(given) else []
        records = [
            *(
                Outgoing(CLAIMS, slot(each).encode(), encode(each), cloudevents(each, trace))
                for each in change.withdrawn
            ),
            *(
                Outgoing(CLAIMS, slot(each).encode(), encode(each), cloudevents(each, trace) + mark)
                for each in change.reported
            ),
        ]
        return Taken(records, _nothing)


def _published(message: Received, given: Headers) -> tuple[int, int]:
    """Return timestamp and offset of the article's record; those of the enriched one where it does not tell them."""
    told = dict(given)
    timestamp, offset = told.get(ARTICLE_TIMESTAMP, b""), told.get(ARTICLE_OFFSET, b"")
    if _NUMBER.fullmatch(timestamp) and _NUMBER.fullmatch(offset):
        return int(timestamp), int(offset)
    return round(received_at(message).timestamp() * 1000), message.offset


def _nothing() -> None:
    """Note nothing: claims are counted when they are found."""
