"""The lexicon: topics, people and places that tell facts apart, read from `knowledge/common/facts.yaml`."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from streams.errors import KnowledgeError
from streams.knowledge_files import KnowledgeFile


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topics: dict[str, list[str]] = Field(default_factory=dict)
    people: dict[str, list[str]] = Field(default_factory=dict)
    leaders: list[str] = Field(default_factory=list)
    within: dict[str, str] = Field(default_factory=dict)
    same: list[list[str]] = Field(default_factory=list)
    speakers: dict[str, list[str]] = Field(default_factory=dict)


class Stems:
    """Finds which names have a stem in a text."""

    def __init__(self, stems: Mapping[str, Sequence[str]]) -> None:
        self._names: dict[str, set[str]] = {}
        whole: list[str] = []
        beginnings: list[str] = []
        anywhere: list[str] = []
        for name, forms in stems.items():
            for form in forms:
                stem = form.removeprefix("=").casefold()
                self._names.setdefault(stem, set()).add(name)
                # Korean glues particles and compounds to a word, so that a stem may stand anywhere in it
                group = anywhere if _HANGUL.search(stem) else whole if form.startswith("=") else beginnings
                group.append(stem)
        branches = [rf"\b(?:{_any(whole)})\b"] if whole else []
        branches += [rf"\b(?:{_any(beginnings)})"] if beginnings else []
        branches += [_any(anywhere)] if anywhere else []
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


def _any(stems: Sequence[str]) -> str:
    return "|".join(re.escape(stem) for stem in sorted(set(stems), key=lambda stem: (-len(stem), stem)))


_SIDES = {
    "KP": re.compile(r"\b(North Korea|DPRK|Workers' Party of Korea)"),
    "KR": re.compile(r"\b(South Korea|Republic of Korea|Seoul)"),
    "RU": re.compile(r"\bRussia"),
    "UA": re.compile(r"\bUkrain"),
    "US": re.compile(r"\b(United States|US|U\.S\.|American)\b"),
    "GB": re.compile(r"\b(United Kingdom|British|UK)\b"),
    "JP": re.compile(r"\bJapan"),
}
"""How a speaker's name shows the side; North Korea stands before South Korea, which its name does not contain."""

_UNNAMED = re.compile(r"(?i)^government of|\b(officials?|sources?|authorities|lawmakers|intelligence|government)$")


class Lexicon:
    """What is known beforehand about topics, people, places and names that mean the same."""

    def __init__(
        self,
        topics: Mapping[str, Sequence[str]],
        people: Mapping[str, Sequence[str]],
        leaders: Sequence[str],
        within: Mapping[str, str],
        same: Sequence[Sequence[str]],
        speakers: Mapping[str, Sequence[str]],
    ) -> None:
        self.topics = Stems(topics)
        self.people = Stems(people)
        self.leaders = frozenset(leaders)
        if unknown := sorted(self.leaders - people.keys()):
            raise KnowledgeError(
                f"leaders: {', '.join(unknown)}: not among the people; write the name as it stands there"
            )
        self._canonical = {folded(name): names[0] for names in same for name in names}
        self._sides = {folded(self.canonical(name)): side for side, names in speakers.items() for name in names}
        self._within: dict[str, str] = {}
        for place, whole in within.items():
            part, containing = folded(self.canonical(place)), folded(self.canonical(whole))
            if part == containing or part in self._within:
                raise KnowledgeError(
                    f"within: {place}: {whole}: the place is the same as the other, or listed under another name; "
                    "delete one of the lines"
                )
            self._within[part] = containing
        self._wide = frozenset(self._within.values())
        self._one_origin = lru_cache(maxsize=16_384)(self._compare_origins)

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read a lexicon, by default the one that comes with Tumen. Raises KnowledgeError for a file that is wrong."""
        where = path or Path(str(files("streams.knowledge") / "common" / "facts.yaml"))
        content = KnowledgeFile(where).read(TypeAdapter(_File))
        try:
            return cls(content.topics, content.people, content.leaders, content.within, content.same, content.speakers)
        except KnowledgeError as error:
            raise KnowledgeError(f"{where}: {error.message}") from error

    def canonical(self, name: str) -> str:
        """Return the name by which a place or origin is kept, where it has several."""
        return self._canonical.get(folded(name), name)

    def side(self, name: str) -> str | None:
        """Return the country whose side a speaker is on, None where it is not known."""
        known = self._sides.get(folded(name))
        if known is not None:
            return known
        return next((side for side, words in _SIDES.items() if words.search(name)), None)

    def same_origin(self, mine: Sequence[str], theirs: Sequence[str]) -> bool:
        """Whether what one chain of speakers knows can come from the first speaker of the other.

        "Government of South Korea" and "South Korean officials" can be any speaker of that side.
        """
        return bool(mine and theirs) and self._one_origin(tuple(mine), tuple(theirs))

    def _compare_origins(self, mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
        if folded(mine[0]) in {folded(name) for name in theirs} or folded(theirs[0]) in {folded(name) for name in mine}:
            return True
        if _UNNAMED.search(mine[0]) is None and _UNNAMED.search(theirs[0]) is None:
            return False
        side = self.side(mine[0])
        return side is not None and side == self.side(theirs[0])

    def wholes(self, place: str) -> list[str]:
        """Return the place and all that contain it, folded, from the finest to the coarsest."""
        chain = [folded(self.canonical(place))]
        while (whole := self._within.get(chain[-1])) is not None and whole not in chain:
            chain.append(whole)
        return chain

    def wide(self, place: str) -> bool:
        """Whether a place, folded, is known to contain others, so that much happens there."""
        return place in self._wide


@lru_cache(maxsize=10_000)
def folded(name: str) -> str:
    """Return a name without regard to letter case and white space."""
    return " ".join(name.casefold().split())


@cache
def default_lexicon() -> Lexicon:
    """Return the lexicon that comes with Tumen, read once a process."""
    return Lexicon.load()
