"""When two numbers can be one number in other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.claim import Quantity, Unit
from streams.facts import figures


def quantity(low: float | None, high: float | None, unit: str = "person") -> Quantity:
    return Quantity(low=low, high=high, unit=Unit(unit))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((10000, 10000), (10000, 12000)),
        ((10000, 10000), (10000, None)),
        ((None, 12000), (10000, 12000)),
        ((None, 6_000_000), (6_000_000, None)),
        ((13221, 13221), (13000, 13000)),
        ((7, 8), (8, 8)),
    ],
)
def test_compatible(one: tuple[float | None, float | None], other: tuple[float | None, float | None]) -> None:
    assert figures.compatible(quantity(*one), quantity(*other))
    assert figures.compatible(quantity(*other), quantity(*one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((10000, 10000), (11000, 11000)),
        ((4700, 4700), (5000, 5000)),
        ((10000, None), (20000, None)),
        ((None, 8000), (11000, 11000)),
        ((7, 7), (8, 8)),
    ],
)
def test_not_compatible(one: tuple[float | None, float | None], other: tuple[float | None, float | None]) -> None:
    assert not figures.compatible(quantity(*one), quantity(*other))
    assert not figures.compatible(quantity(*other), quantity(*one))


def test_units_part_figures_but_for_what_was_not_recognised() -> None:
    assert not figures.compatible(quantity(5, 5), quantity(5, 5, "ship"))
    assert figures.compatible(quantity(50, 100, "item"), quantity(50, 100, "vehicle"))
    assert not figures.compatible(quantity(50, 100, "item"), quantity(60, 60, "vehicle"))


numbers = st.integers(1, 10_000_000).map(float)


@given(numbers, numbers)
def test_compatible_numbers_are_filed_together(one: float, other: float) -> None:
    here, there = quantity(one, one), quantity(other, None)
    if figures.compatible(here, there):
        assert set(figures.bins(here)) & set(figures.bins(there))


@pytest.mark.parametrize(("low", "high", "expected"), [
    (13221, 13221, True), (64, 64, True), (100, None, True), (None, 300, True), (60, 60, False), (3, 3, False),
])  # fmt: skip
def test_particular_figures_are_large_or_counted(low: float | None, high: float | None, expected: bool) -> None:
    assert figures.particular(Quantity(low=low, high=high, unit=Unit.ITEM)) is expected
