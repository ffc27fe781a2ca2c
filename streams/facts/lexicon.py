"""The lexicon: topics, people and places that tell facts apart, read from `knowledge/common/facts.yaml`."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from streams.errors import KnowledgeError


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topics: dict[str, list[str]] = Field(default_factory=dict)
    people: dict[str, list[str]] = Field(default_factory=dict)
    within: dict[str, str] = Field(default_factory=dict)
    same: list[list[str]] = Field(default_factory=list)


class Stems:
    """Finds which names have a stem in a text."""

    def __init__(self, stems: Mapping[str, Sequence[str]]) -> None:
        self._names: dict[str, set[str]] = {}
        for name, forms in stems.items():
            for form in forms:
                self._names.setdefault(form.casefold(), set()).add(name)
        # Korean glues particles and compounds to a word, so that a stem may stand anywhere in it
        anywhere = [stem for stem in self._names if _HANGUL.search(stem)]
        at_start = [stem for stem in self._names if not _HANGUL.search(stem)]
        branches = [rf"\b(?P<word>{_alternatives(at_start)})"] if at_start else []
        branches += [rf"(?P<part>{_alternatives(anywhere)})"] if anywhere else []
        self._pattern = re.compile("|".join(branches)) if branches else None

    def find(self, text: str) -> frozenset[str]:
        """Return the names of which a stem occurs in `text`."""
        if self._pattern is None:
            return frozenset()
        found: set[str] = set()
        for match in self._pattern.finditer(text.casefold()):
            found |= self._names[match.group()]
        return frozenset(found)


_HANGUL = re.compile(r"[가-힣]")


def _alternatives(stems: Sequence[str]) -> str:
    return "|".join(re.escape(stem) for stem in sorted(stems, key=lambda stem: (-len(stem), stem)))


class Lexicon:
    """What is known beforehand about topics, people, places and names that mean the same."""

    def __init__(
        self,
        topics: Mapping[str, Sequence[str]],
        people: Mapping[str, Sequence[str]],
        within: Mapping[str, str],
        same: Sequence[Sequence[str]],
    ) -> None:
        self.topics = Stems(topics)
        self.people = Stems(people)
        self._canonical = {folded(name): names[0] for names in same for name in names}
        self._within = {folded(self.canonical(place)): self.canonical(whole) for place, whole in within.items()}

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read a lexicon, by default the one that comes with Tumen. Raises KnowledgeError for a file that is wrong."""
        where = path or Path(str(files("streams.knowledge") / "common" / "facts.yaml"))
        try:
            content = _File.model_validate(yaml.safe_load(where.read_text(encoding="utf-8")) or {})
        except (OSError, yaml.YAMLError) as error:
            raise KnowledgeError(f"{where}: cannot be read: {error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            location = ".".join(str(step) for step in first["loc"])
            raise KnowledgeError(f"{where}: {location}: {first['msg']}") from error
        return cls(content.topics, content.people, content.within, content.same)

    def canonical(self, name: str) -> str:
        """Return the name by which a place or origin is kept, where it has several."""
        return self._canonical.get(folded(name), name)

    def wholes(self, place: str) -> list[str]:
        """Return the place and all that contain it, folded, from the finest to the coarsest."""
        chain = [folded(self.canonical(place))]
        while (whole := self._within.get(chain[-1])) is not None and folded(whole) not in chain:
            chain.append(folded(whole))
        return chain


def folded(name: str) -> str:
    """Return a name without regard to letter case and white space."""
    return " ".join(name.casefold().split())


@cache
def default_lexicon() -> Lexicon:
    """Return the lexicon that comes with Tumen, read once a process."""
    return Lexicon.load()
