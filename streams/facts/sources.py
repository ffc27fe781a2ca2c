"""The table of sources: how reliable an outlet or an origin is, on the Admiralty scale."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from streams.errors import KnowledgeError
from streams.knowledge_files import KnowledgeFile

Reliability = Literal["A", "B", "C", "D", "E", "F"]


class SourceTable:
    """Reliability by name of outlet or origin; F ("cannot be judged") for whoever is not listed."""

    def __init__(self, reliability: Mapping[str, Reliability]) -> None:
        """Take reliabilities by name; letter case and white space of names do not count."""
        self._reliability = {_folded(name): grade for name, grade in reliability.items()}

    @classmethod
    def load(cls, path: Path | None = None) -> "SourceTable":
        """Read a table, by default the one that comes with Tumen.

        Raises KnowledgeError, with file and line, where the file does not map grades A to F to lists of names, or where
        a name stands twice.
        """
        file = KnowledgeFile(path or Path(str(files("streams.knowledge") / "common" / "sources.yaml")))
        table: dict[str, Reliability] = {}
        for grade, names in file.read(TypeAdapter(dict[Reliability, list[str]])).items():
            for index, name in enumerate(names):
                if _folded(name) in table:
                    raise KnowledgeError(
                        f"{file.at(grade, index)}: {name!r} is listed twice; keep one of the two lines"
                    )
                table[_folded(name)] = grade
        return cls(table)

    def reliability(self, name: str | None) -> Reliability:
        """Return the reliability of an outlet or origin, `F` where it is not known."""
        return self._reliability.get(_folded(name), "F") if name else "F"


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
