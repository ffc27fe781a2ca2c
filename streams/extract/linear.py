"""Linear models: sums of weights of what holds, trained by `tools/train.py` from labelled articles."""

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from streams.errors import KnowledgeError

# Weights are summed as integers of this many to 1: whatever the order of the features, the sum is the same to the last
# digit, and what is equally likely is so exactly.
_UNITS = 1_000_000

YES = "yes"
"""The label of a model that has one."""

Option = TypeVar("Option")
Options = Sequence[tuple[Option, Collection[str]]]
"""What may be chosen, each with the features that speak for or against it."""


class LinearModel:
    """Gives each of some labels a probability, from the features that hold.

    `least` is the probability from which on a label is taken; `weights` are what each feature adds for labels.
    """

    def __init__(
        self, intercepts: Mapping[str, float], least: Mapping[str, float], weights: Mapping[str, Mapping[str, float]]
    ) -> None:
        self.labels = list(intercepts)
        self.intercepts = intercepts
        self.least = least
        self.weights = weights
        self._intercepts = {label: round(weight * _UNITS) for label, weight in intercepts.items()}
        self._columns = {
            label: {
                feature: round(by_label[label] * _UNITS) for feature, by_label in weights.items() if label in by_label
            }
            for label in self.labels
        }

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model.

        Raises:
            KnowledgeError: where the file is missing or damaged.
        """
        try:
            data: dict[str, Any] = json.loads(path.read_bytes())
            return cls(data["intercepts"], data["least"], data["weights"])
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise KnowledgeError(
                f"{path}: no model can be read here ({error}); make it anew with `make train`"
            ) from error

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Return the probability of each label, 0 to 1; they are independent of each other.

        `features` are distinct.
        """
        return {label: _probability(self._sum(label, features)) for label in self.labels}

    def _sum(self, label: str, features: Iterable[str]) -> int:
        return sum(filter(None, map(self._columns[label].get, features)), self._intercepts[label])

    def certain(self, features: Iterable[str]) -> dict[str, float]:
        """Return the labels that are likely enough to be taken, each with its probability, the likeliest first."""
        found = self.probabilities(features)
        certain = {label: each for label, each in found.items() if each >= self.least[label]}
        return dict(sorted(certain.items(), key=lambda entry: -entry[1]))

    def holds(self, features: Iterable[str]) -> bool:
        """Tell whether what a model of one label tells of is likely."""
        return _probability(self._sum(YES, features)) >= self.least[YES]

    def likely(self, options: Options[Option]) -> list[Option]:
        """Return all options that are likely by a model of one label, each by itself."""
        return [option for option, features in options if self.holds(features)]

    def best(self, options: Options[Option]) -> Option | None:
        """Return the likeliest of options that exclude each other, None where there are none."""
        sums = [self._sum(YES, features) for _, features in options]
        return options[sums.index(max(sums))][0] if sums else None

    def leading(self, options: Options[Option | None]) -> list[Option]:
        """Return the likeliest option, and others that are likely against the first one, which is None.

        There are none where None is the likeliest.
        """
        sums = [self._sum(YES, features) for _, features in options]
        most = sums.index(max(sums)) if sums else 0
        if not sums or options[most][0] is None:
            return []
        taken = [at for at, each in enumerate(sums) if at == most or _probability(each - sums[0]) >= self.least[YES]]
        taken.sort(key=lambda at: at != most)
        return [option for at in taken if (option := options[at][0]) is not None]


def _probability(log_odds: int) -> float:
    return (1 + math.tanh(log_odds / _UNITS / 2)) / 2  # 1 / (1 + exp(-x)) would overflow
