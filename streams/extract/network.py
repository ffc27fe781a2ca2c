"""A neural network of one hidden layer, trained by `tools/train.py`: what holds together may tell more than its sum."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np

from streams.errors import KnowledgeError

# Inputs are kept and summed as integers of this many to 1: whatever the order of the features, the sum is the same.
_UNITS = 8192


class Network:
    """Gives each of some labels a probability, from the features that hold.

    Each feature that was met in training adds its row of `inputs` to the hidden units; what of these is above zero is
    weighed by `outputs` for each label. `least` is the probability from which on a label is taken.
    """

    def __init__(
        self,
        labels: Sequence[str],
        least: float,
        features: Sequence[str],
        inputs: Any,
        biases: Any,
        outputs: Any,
        intercepts: Any,
    ) -> None:
        """Take arrays: inputs (features x hidden), biases (hidden), outputs (hidden x labels), intercepts (labels).

        The inputs are integers, of 8192 to 1: `in_units` makes them of others.
        """
        self.labels = list(labels)
        self.least = least
        self._at = {label: column for column, label in enumerate(self.labels)}
        self._rows = {feature: row for row, feature in enumerate(features)}
        self._inputs = np.asarray(inputs, dtype=np.int16)
        # of single precision when saved, but of the sums' when reckoned with: numpy would convert them at each sentence
        self._biases, self._outputs, self._intercepts = (
            np.asarray(each, dtype=np.float32).astype(np.float64) for each in (biases, outputs, intercepts)
        )
        self._alone: dict[str, list[float]] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a network.

        Raises:
            KnowledgeError: where the file is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as kept:
                features = kept["features"].tobytes().decode().split("\n")
                return cls(
                    kept["labels"].tolist(),
                    float(kept["least"]),
                    features,
                    *(kept[name] for name in ("inputs", "biases", "outputs", "intercepts")),
                )
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise KnowledgeError(
                f"{path}: no model can be read here ({error}); make it anew with `make train`"
            ) from error

    def save(self, path: Path) -> None:
        """Write the network."""
        np.savez_compressed(
            path,
            labels=np.array(self.labels),
            least=np.array(self.least),
            features=np.frombuffer("\n".join(self._rows).encode(), dtype=np.uint8),
            inputs=self._inputs,
            biases=self._biases.astype(np.float32),
            outputs=self._outputs.astype(np.float32),
            intercepts=self._intercepts.astype(np.float32),
        )

    def knows(self, feature: str) -> bool:
        """Tell whether a feature was met in training."""
        return feature in self._rows

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Return the probability of each label, 0 to 1; they are independent of each other."""
        odds = self._log_odds(self._sums(features))
        return dict(zip(self.labels, (1 / (1 + np.exp(-odds))).tolist(), strict=True))

    def certain(self, features: Iterable[str]) -> dict[str, float]:
        """Return the labels that are likely enough to be taken, each with its probability, the likeliest first."""
        certain = {label: each for label, each in self.probabilities(features).items() if each >= self.least}
        return dict(sorted(certain.items(), key=lambda entry: -entry[1]))

    def alone(self, feature: str, label: str) -> float:
        """Return what a feature adds for a label where nothing else holds (log-odds). It is remembered."""
        added = self._alone.get(feature)
        if added is None:
            added = (self._log_odds(self._sums([feature])) - self._log_odds(self._sums([]))).tolist()
            self._alone[feature] = added
        return added[self._at[label]]

    def reasons(self, features: Collection[str], label: str, count: int) -> list[tuple[str, float]]:
        """Return the features that speak most for or against a label among these: what goes with each (log-odds)."""
        sums, column = self._sums(features), self._at[label]
        whole = self._log_odds(sums)[column]
        told = [
            (feature, float(whole - self._log_odds(sums - self._inputs[self._rows[feature]])[column]))
            for feature in features
            if feature in self._rows
        ]
        return sorted(told, key=lambda each: (-abs(each[1]), each[0]))[:count]

    def _sums(self, features: Iterable[str]) -> Any:
        """Return the sums of the inputs, in units."""
        rows = [row for row in map(self._rows.get, features) if row is not None]
        return self._inputs.take(rows, axis=0).sum(axis=0, dtype=np.int32)

    def _log_odds(self, sums: Any) -> Any:
        return np.maximum(sums / _UNITS + self._biases, 0) @ self._outputs + self._intercepts


def in_units(inputs: Any) -> Any:
    """Return inputs as a network takes them; those beyond 4 count as 4."""
    return np.rint(np.clip(inputs * _UNITS, -32767, 32767)).astype(np.int16)
