"""Trains the networks of `streams/extract/network.py`: mini-batches, Adam, and dropout of features and hidden units.

Adam as by Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015); the moments of a feature change only in
batches that have it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

# By cross-validation. A third of the features and half of the hidden units are left out at each step: so no claim is
# learnt by heart from one rare word.
HIDDEN, EPOCHS, BATCH, RATE = 64, 8, 256, 0.003
FEATURES_LEFT_OUT, HIDDEN_LEFT_OUT = 0.3, 0.5
# what a label's log-odds begin at: most sentences claim nothing
RARE = -4.0
_DECAY, _SQUARE_DECAY, _TINY = 0.9, 0.999, 1e-8


@dataclass(slots=True)
class Weights:
    """The arrays of a network: inputs (features x hidden), biases, outputs (hidden x labels), intercepts."""

    inputs: Any
    biases: Any
    outputs: Any
    intercepts: Any

    def log_odds(self, rows: sparse.csr_matrix) -> Any:
        """Return the log-odds of each label (columns) for each row of features."""
        return np.maximum(rows.astype(np.float32) @ self.inputs + self.biases, 0) @ self.outputs + self.intercepts


class _Adam:
    """The moments of one array, and its steps."""

    def __init__(self, values: Any) -> None:
        self._values = values
        self._mean, self._square = np.zeros_like(values), np.zeros_like(values)

    def step(self, rows: Any, gradient: Any, rate: float, number: int) -> None:
        """Change some rows of the array, against the gradient."""
        mean = _DECAY * self._mean[rows] + (1 - _DECAY) * gradient
        square = _SQUARE_DECAY * self._square[rows] + (1 - _SQUARE_DECAY) * gradient**2
        self._mean[rows], self._square[rows] = mean, square
        size = rate / (1 - _DECAY**number)
        self._values[rows] -= size * mean / (np.sqrt(square / (1 - _SQUARE_DECAY**number)) + _TINY)


def train(rows: sparse.csr_matrix, told: Any, importance: Any, seed: int) -> Weights:
    """Return the weights that tell labels from features.

    Args:
        rows: the features of each example, 1 where one holds.
        told: the labels of each example (examples x labels), 1 where one holds.
        importance: what each example counts.
        seed: of what is left to chance: the same seed gives the same network.
    """
    chance = np.random.default_rng(seed)
    rows, told, importance = rows.astype(np.float32), told.astype(np.float32), importance.astype(np.float32)
    count, labels = told.shape
    weights = Weights(
        (chance.standard_normal((rows.shape[1], HIDDEN)) * 0.05).astype(np.float32),
        np.zeros(HIDDEN, np.float32),
        (chance.standard_normal((HIDDEN, labels)) * 0.1).astype(np.float32),
        np.full(labels, RARE, np.float32),
    )
    inputs, *others = (_Adam(each) for each in (weights.inputs, weights.biases, weights.outputs, weights.intercepts))
    number = 0
    for epoch in range(EPOCHS):
        rate = RATE * (1 - epoch / EPOCHS) + 1e-4
        order = chance.permutation(count)
        for begin in range(0, count, BATCH):
            number += 1
            chosen = order[begin : begin + BATCH]
            batch = rows[chosen]
            batch.data *= _kept(chance, batch.data.shape, FEATURES_LEFT_OUT)
            batch.eliminate_zeros()
            met, batch.indices = np.unique(batch.indices, return_inverse=True)
            batch = sparse.csr_matrix((batch.data, batch.indices, batch.indptr), shape=(len(chosen), len(met)))
            sums = batch @ weights.inputs[met] + weights.biases
            kept = _kept(chance, sums.shape, HIDDEN_LEFT_OUT)
            hidden = np.maximum(sums, 0) * kept
            found = 1 / (1 + np.exp(-(hidden @ weights.outputs + weights.intercepts)))
            error = (found - told[chosen]) * importance[chosen][:, None] / len(chosen)
            back = (error @ weights.outputs.T) * kept * (sums > 0)
            for adam, gradient in zip(others, (back.sum(0), hidden.T @ error, error.sum(0)), strict=True):
                adam.step(slice(None), gradient, rate, number)
            inputs.step(met, batch.T @ back, rate, number)
    return weights


def _kept(chance: np.random.Generator, shape: tuple[int, ...], left_out: float) -> Any:
    """Return what each unit counts where a share of them is left out, the others in their stead."""
    return ((chance.random(shape) >= left_out) / (1 - left_out)).astype(np.float32)
