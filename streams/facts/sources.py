"""The table of sources: how reliable an outlet or an origin is, on the Admiralty scale."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from streams.errors import KnowledgeError

Reliability = Literal["A", "B", "C", "D", "E", "F"]

RELIABILITIES = ("A", "B", "C", "D", "E", "F")


class SourceTable:
    """Reliability by name of outlet or origin; F ("cannot be judged") for whoever is not listed."""

    def __init__(self, reliability: Mapping[str, Reliability]) -> None:
        """Take reliabilities by name; letter case and white space of names do not count."""
        self._reliability = {_folded(name): grade for name, grade in reliability.items()}

    @classmethod
    def load(cls, path: Path | None = None) -> "SourceTable":
        """Read a table, by default the one that comes with Tumen.

        Raises KnowledgeError where the file is not a mapping of grades A to F to lists of names.
        """
        where = path or Path(str(files("streams.knowledge") / "common" / "sources.yaml"))
        try:
            content: Any = yaml.safe_load(where.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise KnowledgeError(f"{where}: cannot be read: {error}") from error
        if not isinstance(content, dict):
            raise KnowledgeError(f"{where}: must map the grades A to F to lists of names")
        table: dict[str, Reliability] = {}
        for grade, names in content.items():
            if grade not in RELIABILITIES:
                raise KnowledgeError(f"{where}: {grade!r} is no reliability; write one of A, B, C, D, E, F")
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise KnowledgeError(f"{where}: under {grade} there must be a list of names")
            for name in names:
                if _folded(name) in table:
                    raise KnowledgeError(f"{where}: {name!r} is listed twice; keep one of the two lines")
                table[_folded(name)] = cast(Reliability, grade)
        return cls(table)

    def reliability(self, name: str | None) -> Reliability:
        """Return the reliability of an outlet or origin, `F` where it is not known."""
        return self._reliability.get(_folded(name), "F") if name else "F"


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
