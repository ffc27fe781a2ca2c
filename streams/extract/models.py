"""The trained models, made by `tools/train.py` and kept beside this module in `trained/`."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from streams.extract.linear import LinearModel
from streams.extract.network import Network

FOLDER = Path(__file__).parent / "trained"


@dataclass(frozen=True, slots=True)
class Models:
    """What was learnt from labelled articles. Each is a file of its name in the folder."""

    types: Network
    """Which types of claims a sentence tells."""
    figure: LinearModel
    """Which figures of a sentence belong to a claim."""
    direction: LinearModel
    """Whether the DPRK acts, and not Russia."""
    target: LinearModel
    """Whether a response is aimed at the DPRK, and not at Russia."""
    responder: LinearModel
    """Which state responds."""
    status: LinearModel
    """Whether a claim is planned or only possible."""
    negated: LinearModel
    """Whether a claim is denied."""
    background: LinearModel
    """Whether a claim is only recalled."""
    place: LinearModel
    """Which place a claim is at."""
    when: LinearModel
    """Which date a claim has."""
    speaker: LinearModel
    """Who is said to know it."""

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the models.

        Raises:
            KnowledgeError: where a file is missing or damaged.
        """
        types = Network.load(folder / "types.npz")
        return cls(types, **{name: LinearModel.load(folder / f"{name}.json") for name in CHOICES})


CHOICES = [field.name for field in fields(Models) if field.name != "types"]
"""The models that choose what a claim says, once it is one."""
