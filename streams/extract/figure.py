"""A quantity told in a text."""

from dataclasses import dataclass

from schemas import Quantity, Unit
from streams.extract.document import Hit


@dataclass(slots=True)
class Figure:
    """A quantity in the text. `start` and `end` are tokens, modifiers included; `noun` is what is counted."""

    low: float | None
    high: float | None
    unit: Unit | None
    start: int
    end: int
    noun: Hit | None

    def quantity(self, unit: Unit) -> Quantity:
        """Return the figure in a unit."""
        return Quantity(low=self.low, high=self.high, unit=self.unit or unit)
