"""The weights: what each level of agreement speaks for or against one fact, learnt by `tools/match.py`."""

import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter

from streams.errors import KnowledgeError
from streams.facts.agreement import Level

PATH = Path(str(files("streams.facts") / "weights.json"))


class Weights:
    """Adds up, in natural log-odds, what the agreement of two nodes says. A level that is not listed says nothing."""

    def __init__(self, base: float, weights: Mapping[str, Mapping[str, float]]) -> None:
        self.base = base
        self._weights = {(name, level): weight for name, of in weights.items() for level, weight in of.items()}

    @classmethod
    def load(cls, path: Path = PATH) -> Self:
        """Read weights. Raises KnowledgeError where the file is missing or damaged."""
        try:
            content = json.loads(path.read_bytes())
            table = TypeAdapter(dict[str, dict[str, float]]).validate_python(content["weights"])
            return cls(float(content["base"]), table)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KnowledgeError(
                f"{path}: no weights can be read here ({error}); make them anew with `make train`"
            ) from error

    def sum(self, levels: Iterable[Level]) -> float:
        """Return what levels add to `base`, the log-odds that two nodes tell one fact of which nothing is known."""
        return math.fsum(self._weights.get(level, 0.0) for level in levels)


@cache
def default_weights() -> Weights:
    """Return the weights that come with Tumen, read once a process."""
    return Weights.load()
