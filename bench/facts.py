"""Measures the table of facts: its size, and how long a claim takes, as facts pile up in a dict.

Claims are made up: of all types and both directions, six in ten with a figure, from sixty origins and a hundred places;
nearly each tells a fact of its own. They are spread over as many days as give twenty facts a day: how crowded the days
are is what the time of a claim depends on, and --a-day changes it. Bytes are those of keys and values, which is what
the table's store and its changelog hold; the resident size also has what Python adds. At each mark 500 claims that
tell something new are timed, and the same 500 again as told by another outlet. A filling that takes longer than
--seconds stops there, and says so.
"""

import argparse
import itertools
import math
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from bench.support.processes import resident
from bench.support.tables import megabytes, table, title
from schemas import Claim, ClaimType, Evidence, Plover, Status
from schemas.claim import Attribution, Place, Quantity, Unit, claim_id
from streams.facts import Assessor, SourceTable
from streams.facts.lexicon import default_lexicon

SAMPLE = 500
TOPICS = ("soldiers", "shells", "missiles", "a satellite", "oil", "flights", "a bridge", "sappers", "a treaty", "coal")
UNITS = {
    ClaimType.TROOPS: Unit.PERSON,
    ClaimType.CASUALTIES: Unit.PERSON,
    ClaimType.LABOUR: Unit.PERSON,
    ClaimType.TRAINING: Unit.PERSON,
    ClaimType.ARMS: Unit.SHELL,
    ClaimType.ARMS_USE: Unit.MISSILE,
    ClaimType.TRANSPORT: Unit.CONTAINER,
}


def made_up(days: int, seed: int = 1) -> Iterator[Claim]:
    """Yield claims without end, of so many days. The same `seed`, the same claims."""
    # randomness for variety, not for secrets
    rng = random.Random(seed)  # noqa: S311
    for number in itertools.count():
        type_ = rng.choice(list(ClaimType))
        actor, recipient = rng.choice([("KP", "RU"), ("RU", "KP")])
        day = date(2026, 1, 1) - timedelta(days=rng.randrange(days))
        figure = round(20 * math.exp(rng.random() * 8.5))
        quantity = Quantity(low=figure, high=figure, unit=UNITS.get(type_, Unit.ITEM)) if rng.random() < 0.6 else None
        text = f"what is told of {rng.choice(TOPICS)} ({number})"
        identifier = claim_id(f"a{number}", type_, actor, recipient, Status.HAPPENED, False, quantity, text)
        origin = f"Ministry {rng.randrange(60)}"
        yield Claim(
            id=identifier,
            article_id=f"a{number}",
            url=f"https://bench.example/{number}",
            source=f"Outlet {rng.randrange(40)}",
            published_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            language=rng.choice(("uk", "ru", "en", "ko")),
            type=type_,
            plover=Plover.AID,
            actor=actor,
            recipient=recipient,
            quantity=quantity,
            status=Status.HAPPENED,
            negated=False,
            attributed_to=[Attribution(name=origin, text=origin)],
            place=Place(name=f"Place {rng.randrange(100)}") if rng.random() < 0.5 else None,
            when=day.isoformat() if rng.random() < 0.4 else None,
            background=False,
            confidence=0.9,
            evidence=Evidence(text=text, start=0, end=len(text)),
        )


def passed_on(claim: Claim) -> Claim:
    """Return the same claim as told by another outlet."""
    return claim.model_copy(
        update={"id": f"{claim.id}-b", "article_id": f"{claim.article_id}-b", "source": "Another Outlet"}
    )


class Told:
    """The facts that an assessor tells of, counted, and how long it takes."""

    def __init__(self) -> None:
        self.state: dict[str, str] = {}
        self.facts: set[str] = set()
        self._assessor = Assessor(self.state, SourceTable.load(), default_lexicon())

    def assess(self, claim: Claim) -> float:
        """Assess a claim and return the seconds of processor time that it took."""
        began = time.process_time()
        assessment = self._assessor.assess(claim, raised_at=claim.published_at)
        took = time.process_time() - began
        self.facts.update(fact.id for fact in assessment.facts)
        self.facts.difference_update(assessment.removed)
        return took


def quantiles(times: list[float]) -> list[str]:
    """Return median and 99th percentile, in milliseconds."""
    ordered = sorted(times)
    return [f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000:.2f} ms" for share in (0.5, 0.99)]


def main(count: int, seconds: float, a_day: float) -> None:
    """Fill the table and print what it takes at each mark."""
    title(f"{count:,} facts in a dict, {a_day:g} a day")
    told, claims, empty = Told(), made_up(max(1, round(count / a_day))), resident()
    marks = sorted({count // 100, count // 10, count // 2, count} - {0})
    rows = []
    began = time.perf_counter()
    for mark in marks:
        while len(told.facts) < mark and time.perf_counter() - began < seconds:
            told.assess(next(claims))
        facts, size = len(told.facts), sum(len(key.encode()) + len(value.encode()) for key, value in told.state.items())
        taken = resident() - empty
        fresh = list(itertools.islice(claims, SAMPLE))
        new = quantiles([told.assess(claim) for claim in fresh])
        again = quantiles([told.assess(passed_on(claim)) for claim in fresh])
        rows.append([f"{facts:,}", f"{size / facts:,.0f}", megabytes(size), megabytes(taken), *new, *again])
        if facts < mark:
            break
    table(
        ["facts", "bytes a fact", "together", "resident", "new: p50", "p99", "passed on: p50", "p99"],
        rows,
    )
    if len(told.facts) < count:
        print(f"stopped at {len(told.facts):,} facts: --seconds {seconds:g} were over")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", type=int, default=200_000, help="how many facts (200000)")
    parser.add_argument("--seconds", type=float, default=200, help="stop filling after so long (200)")
    parser.add_argument("--a-day", type=float, default=20, help="how many facts there are of a day (20)")
    arguments = parser.parse_args()
    main(arguments.facts, arguments.seconds, arguments.a_day)
