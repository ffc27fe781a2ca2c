"""Loads and checks the knowledge files: names, cues and rules, written by people who know the subject.

Every fault is reported with file and line, so that an editor who knows no Python can mend it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from schemas import ClaimType, Label, Unit
from schemas.base import CountryCode, WikidataId
from schemas.claim import Plover
from streams.errors import KnowledgeError
from streams.knowledge_files import KnowledgeFile

HOME = Path(__file__).parent.parent / "knowledge"
LANGUAGES = ("uk", "ru", "en", "ko")
NUMBER = "N"
"""Stands for a number in the words for a time: "N days later"."""


class Entry(BaseModel):
    """What an editor writes; unknown keys are faults, since they are mostly typing mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_Language = Literal["uk", "ru", "en", "ko"]
_Names = dict[_Language, list[Annotated[str, StringConstraints(min_length=1)]]]
_NO_NAMES: _Names = {}


class KnownEntity(Entry):
    """A person, organisation, place, weapon … that is known by name."""

    name: str
    label: Label
    country: CountryCode | None = None
    wikidata: WikidataId | None = None
    kind: str | None = None
    of: str | None = None
    in_: str | None = Field(default=None, alias="in")
    unit: Unit | None = None
    aliases: _Names
    short: _Names = _NO_NAMES
    adjectives: _Names = _NO_NAMES
    short_adjectives: _Names = _NO_NAMES
    demonyms: _Names = _NO_NAMES
    metonyms: _Names = _NO_NAMES

    @property
    def is_state(self) -> bool:
        """Whether this is a country (or a union that acts like one), and not a place in it."""
        return self.label is Label.GPE and self.kind is None and self.country is not None and self.in_ is None


class Term(Entry):
    """A condition of a rule: some cue classes, a party, or both: `troops|unit@KP`, `@RU`, `@RU/UA`, `@KP!`."""

    classes: tuple[str, ...]
    party: str | None

    @classmethod
    def parse(cls, written: Any) -> Any:
        if not isinstance(written, str):
            return written
        classes, _, party = written.partition("@")
        return {"classes": tuple(filter(None, classes.split("|"))), "party": party or None}

    def __str__(self) -> str:
        return "|".join(self.classes) + (f"@{self.party}" if self.party else "")


_Term = Annotated[Term, BeforeValidator(Term.parse)]


class Rule(Entry):
    """When a sentence makes a claim. The first term of `when` is the anchor: each place where it holds is tried."""

    id: str
    type: ClaimType
    plover: Plover | None = None
    when: list[_Term] = Field(min_length=1)
    unless: list[_Term] = []
    within: int = Field(default=14, gt=0, description="Tokens between the anchor and each other term.")
    parties: Literal["given", "mutual", "responder", "user"] | list[CountryCode] = "given"
    giver: CountryCode = Field(default="KP", description="Who gives where the sentence does not tell.")
    context: int = Field(default=1, description="How many parties may be known from the sentences before.")
    units: list[Unit] = []
    counted: bool = Field(default=False, description="Whether a figure must be told with it.")
    confidence: float = Field(default=0.7, ge=0, le=1)


class Relative(Entry):
    """Words for a time relative to the date of publication: `{words: [last month], month: -1}`."""

    words: list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]] = Field(min_length=1)
    day: int | None = None
    week: int | None = None
    month: int | None = None
    year: int | None = None

    @model_validator(mode="after")
    def _is_one_shift(self) -> Self:
        if sum(shift is not None for shift in (self.day, self.week, self.month, self.year)) != 1:
            raise ValueError("give one of day, week, month and year: how far the time lies off")
        return self


class RelativeToDate(Relative):
    """Words for a time relative to the last date that the text has told: `{words: [N days later], day: 1}`.

    `N` is a number, which multiplies the shift. `else: published`: where the text has told none, the words are relative
    to the date of publication; without it they then mean nothing.
    """

    else_: Literal["published"] | None = Field(default=None, alias="else")


class VerbEndings(Entry):
    """How verbs end that close a clause, that describe the noun behind them, and that only ask (Korean)."""

    closing: tuple[str, ...] = ()
    describing: tuple[str, ...] = ()
    asking: tuple[str, ...] = ()


class Grammar(Entry):
    """What a language needs beside its cues: numerals, months, abbreviations."""

    numerals: dict[str, float] = {}
    multipliers: dict[str, float] = {}
    counters: dict[str, str] = Field(default={}, description="Counters with the units that they may have (Korean).")
    months: dict[str, int] = {}
    weekdays: dict[str, int] = Field(default={}, description="1 Monday … 7 Sunday")
    relative: list[Relative] = []
    relative_to_date: list[RelativeToDate] = []
    hinges: list[str] = Field(
        default=[], description="Words that, right behind a time, hang it upon an event: 'two days after the parade'."
    )
    abbreviations: list[str] = []
    particles: dict[str, str] = Field(default={}, description="Endings behind a noun, with their marks (Korean).")
    verb_endings: VerbEndings = Field(default=VerbEndings(), description="How verbs end (Korean).")
    function_words: list[str] = Field(default=[], description="Words that end a noun phrase (English).")
    decimal: Literal[",", "."] = "."

    @cached_property
    def counted_units(self) -> dict[str, tuple[Unit, ...]]:
        """The units that counters may have."""
        return {counter: tuple(map(Unit, units.split())) for counter, units in self.counters.items()}

    @cached_property
    def relative_times(self) -> dict[str, Relative]:
        """The relative times by all their words."""
        return {" ".join(words.split()): entry for entry in self.relative for words in entry.words}

    @cached_property
    def abbreviated(self) -> frozenset[str]:
        """The abbreviations in small letters, without their full stop."""
        return frozenset(abbreviation.rstrip(".").lower() for abbreviation in self.abbreviations)

    @cached_property
    def relative_phrases(self) -> dict[str, list[tuple[list[str], Relative]]]:
        """The words for relative times by their first word, longer phrases first; a number (`N`) by each numeral."""
        phrases: dict[str, list[tuple[list[str], Relative]]] = {}
        for entry in (*self.relative, *self.relative_to_date):
            for words in entry.words:
                split = words.split()
                for first in (NUMBER, *self.numerals) if split[0] == NUMBER else (split[0].lower(),):
                    phrases.setdefault(first, []).append((split, entry))
        for group in phrases.values():
            group.sort(key=lambda pair: -len(pair[0]))
        return phrases


class Names(Entry):
    """What a language needs to recognise names that no list holds, and to write them in Latin letters."""

    given_names: list[str] = []
    family_names: list[str] = []
    never_first: list[str] = Field(default=[], description="Words that no name begins with, as at a sentence's start.")
    romanisation: dict[str, str] = {}
    romanisation_initial: dict[str, str] = {}


@dataclass(frozen=True)
class Cue:
    """A word or phrase of a cue class, with the place where an editor finds it."""

    cls: str
    words: str
    path: str
    line: int


class _Faults:
    """Collects what is wrong in the files: an editor wants to know all of it at once."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, KnowledgeError):
            self.add(error.message)
            return True
        return False

    def add(self, fault: str) -> None:
        """Note a fault."""
        self._told.append(fault)

    def tell(self) -> None:
        """Raise what was noted, if anything."""
        if self._told:
            raise KnowledgeError("\n".join(self._told))


@dataclass
class Knowledge:
    """All that is known of the subject and its languages."""

    entities: list[KnownEntity] = field(default_factory=list)
    classes: dict[str, str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    kinds: dict[str, list[str]] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    cues: dict[str, list[Cue]] = field(default_factory=dict)
    grammars: dict[str, Grammar] = field(default_factory=dict)
    names: dict[str, Names] = field(default_factory=dict)
    hash: str = ""

    @classmethod
    def load(cls, home: Path = HOME) -> Self:
        """Read the knowledge files below `home`.

        Raises:
            KnowledgeError: with a line for each fault: file, line and remedy.
        """
        knowledge = cls(hash=hash_of(home))
        common = home / "common"
        faults = _Faults()
        with faults:
            knowledge.classes = KnowledgeFile(common / "classes.yaml").read(TypeAdapter(dict[str, str]))
        with faults:
            knowledge.kinds = KnowledgeFile(common / "kinds.yaml").read(TypeAdapter(dict[str, list[str]]))
        with faults:
            knowledge.units = KnowledgeFile(common / "units.yaml").read(TypeAdapter(dict[str, Unit]))
        with faults:
            knowledge.objects = KnowledgeFile(common / "objects.yaml").read(TypeAdapter(dict[str, str]))
        knowledge._read_entities(sorted((common / "entities").glob("*.yaml")), faults)
        knowledge._read_rules(common / "rules.yaml", faults)
        for language in LANGUAGES:
            folder = home / language
            with faults:
                knowledge.grammars[language] = _read_grammar(KnowledgeFile(folder / "grammar.yaml"), faults)
            with faults:
                knowledge.names[language] = KnowledgeFile(folder / "names.yaml").read(TypeAdapter(Names))
            knowledge.cues[language] = list(knowledge._read_cues(sorted((folder / "cues").glob("*.yaml")), faults))
        faults.tell()
        return knowledge

    def _read_entities(self, paths: list[Path], faults: "_Faults") -> None:
        places: dict[tuple[str, Label], str] = {}
        named: dict[tuple[str, str], tuple[str, str]] = {}
        for path in paths:
            with faults:
                source = KnowledgeFile(path)
                for index, entity in enumerate(source.read(TypeAdapter(list[KnownEntity]))):
                    here = source.at(index)
                    if there := places.get((entity.name, entity.label)):
                        faults.add(f"{here}: '{entity.name}' stands already at {there}; merge the two")
                    if entity.kind and entity.kind not in self.kinds:
                        known = ", ".join(sorted(self.kinds))
                        faults.add(f"{here}: unknown kind '{entity.kind}'; one of: {known}")
                    for language, names in entity.aliases.items():
                        for number, alias in enumerate(names):
                            line = source.at(index, "aliases", language, number)
                            other, there = named.setdefault((language, alias), (entity.name, line))
                            if there != line:
                                faults.add(
                                    f"{line}: '{alias}' names '{other}' already, at {there}; "
                                    "take one out, or move it to 'short'"
                                )
                    places[entity.name, entity.label] = here
                    self.entities.append(entity)

    def _read_rules(self, path: Path, faults: "_Faults") -> None:
        seen: dict[str, str] = {}
        with faults:
            source = KnowledgeFile(path)
            for index, rule in enumerate(source.read(TypeAdapter(list[Rule]))):
                here = source.at(index)
                if there := seen.get(rule.id):
                    faults.add(f"{here}: the rule '{rule.id}' stands already at {there}; rename one")
                seen[rule.id] = here
                for term in (*rule.when, *rule.unless):
                    for unknown in sorted(set(term.classes) - self.classes.keys()):
                        faults.add(
                            f"{here}: unknown cue class '{unknown}'; declare it in classes.yaml or mend the spelling"
                        )
                self.rules.append(rule)

    def _read_cues(self, paths: list[Path], faults: "_Faults") -> Iterator[Cue]:
        seen: dict[tuple[str, str], str] = {}
        for path in paths:
            with faults:
                source = KnowledgeFile(path)
                for cls, entries in source.read(TypeAdapter(dict[str, list[str]])).items():
                    if cls not in self.classes:
                        faults.add(
                            f"{source.at(cls)}: unknown cue class '{cls}'; "
                            "declare it in common/classes.yaml or mend the spelling"
                        )
                    for index, words in enumerate(entries):
                        line = source.line([cls, index])
                        there = seen.setdefault((cls, words), f"{path}:{line} entry {index}")
                        if there != f"{path}:{line} entry {index}":
                            faults.add(f"{path}:{line}: '{words}' stands already at {there}; remove one")
                        yield Cue(cls, words, str(path), line)

    @cached_property
    def things(self) -> frozenset[str]:
        """The classes of cues that can be counted or given."""
        return frozenset(self.units) | frozenset(self.objects)

    @cached_property
    def by_name(self) -> dict[str, KnownEntity]:
        """Known entities by canonical name."""
        return {entity.name: entity for entity in self.entities}

    @cached_property
    def by_anchor(self) -> dict[str, list[Rule]]:
        """Rules by the classes of their anchors."""
        rules: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for cls in rule.when[0].classes:
                rules.setdefault(cls, []).append(rule)
        return rules

    @cached_property
    def first_rules(self) -> dict[ClaimType, Rule]:
        """The first rule of each type."""
        return {rule.type: rule for rule in reversed(self.rules)}

    @cached_property
    def units_of(self) -> dict[ClaimType, frozenset[Unit]]:
        """The units in which claims of a type are counted."""
        units: dict[ClaimType, set[Unit]] = {type_: set() for type_ in ClaimType}
        for rule in self.rules:
            units[rule.type].update(rule.units)
        return {type_: frozenset(each) for type_, each in units.items()}

    @cached_property
    def nouns(self) -> frozenset[str]:
        """The classes of cues that name people and things."""
        people = {"troops", "workers", "specialist", "delegation", "official", "weapon"}
        return frozenset(people | self.objects.keys())

    @cached_property
    def states(self) -> dict[str, KnownEntity]:
        """Countries by code."""
        return {entity.country: entity for entity in reversed(self.entities) if entity.is_state and entity.country}


def _read_grammar(source: KnowledgeFile, faults: _Faults) -> Grammar:
    """Read a grammar; words for a time that stand in it twice would have two meanings."""
    grammar = source.read(TypeAdapter(Grammar))
    seen: dict[str, str] = {}
    for key, entries in (("relative", grammar.relative), ("relative_to_date", grammar.relative_to_date)):
        for index, entry in enumerate(entries):
            for number, words in enumerate(entry.words):
                here = source.at(key, index, "words", number)
                if there := seen.get(words):
                    faults.add(f"{here}: '{words}' stands already at {there}; remove one")
                seen.setdefault(words, here)
    return grammar


def hash_of(home: Path = HOME) -> str:
    """Return a hash over names and bytes of all knowledge files: what an extraction depends on."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(home.rglob("*.yaml")):
        digest.update(re.sub(r"\\", "/", str(path.relative_to(home))).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
