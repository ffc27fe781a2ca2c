"""The figure: when two quantities can be the same number told in other words."""

import math

from schemas.claim import Quantity, Unit

TOLERANCE = 0.03
"""Relative difference that rounding in passing on explains: 13,221 is told as "13 thousand"."""

OPEN = 1.2
"""How far an open bound reaches: "more than 10,000" is told of 12,000, not of 20,000."""

SHARES = frozenset({Unit.PERCENT, Unit.USD})
"""Units that do not count things."""

EXACT_BELOW = 20
"""Numbers that nobody rounds."""

LARGE = 100
"""Numbers from here on are particular, however round."""


def bounds(quantity: Quantity) -> tuple[float, float]:
    """Return the range that a quantity covers; an open end reaches `OPEN` times the bound."""
    low, high = quantity.low, quantity.high
    if low is None and high is None:
        return 0.0, math.inf
    if low is None:
        return (high or 0.0) / OPEN, high or 0.0
    if high is None:
        return low, low * OPEN
    return min(low, high), max(low, high)


def middle(quantity: Quantity) -> float:
    """Return the number that a quantity is compared by: the mean of its bounds, or the one that it has."""
    values = [value for value in (quantity.low, quantity.high) if value is not None]
    return sum(values) / len(values) if values else 0.0


def compatible(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities can tell the same number: their ranges meet, of one unit.

    `item` counts whatever it is that was not recognised; it goes with any thing where the number itself is the same.
    """
    if one.unit != other.unit:
        return Unit.ITEM in (one.unit, other.unit) and not SHARES & {one.unit, other.unit} and exact(one, other)
    (low, high), (other_low, other_high) = bounds(one), bounds(other)
    slack = 0.0 if max(high, other_high) < EXACT_BELOW else TOLERANCE
    return low <= other_high * (1 + slack) and other_low <= high * (1 + slack)


def exact(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities have a bound in common: "up to 8,000" and "8,000" do."""
    mine = {value for value in (one.low, one.high) if value is not None}
    return any(value in mine for value in (other.low, other.high) if value is not None)


def particular(quantity: Quantity) -> bool:
    """Whether a number is hardly met by chance: large, or counted to the last one."""
    high = max(value for value in (quantity.low, quantity.high, 0.0) if value is not None)
    return high >= LARGE or (high >= EXACT_BELOW and high % 10 != 0)


def bins(quantity: Quantity) -> list[int]:
    """Return the logarithmic bins that a quantity touches, with slack: compatible quantities share at least one."""
    low, high = bounds(quantity)
    if high <= 0 or math.isinf(high):
        return [0]
    first = _bin(max(low, 1e-9) / (1 + TOLERANCE))
    last = _bin(high * (1 + TOLERANCE))
    # a range such as "hundreds to millions" would touch dozens of bins; its ends and middle are enough to be found
    if last - first > MAX_BINS:
        return [first, (first + last) // 2, last]
    return list(range(first, last + 1))


MAX_BINS = 8


def _bin(value: float) -> int:
    return math.floor(math.log(value) / math.log(1.25))
