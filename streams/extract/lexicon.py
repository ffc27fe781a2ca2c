"""The vocabulary of one language: every name and cue, found in a text in one pass."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.extract.knowledge import Knowledge, KnownEntity
from streams.extract.memory import Memories, Memory
from streams.extract.morphology import Form, Morphology, entry_key
from streams.extract.tokenizer import Tokenizer

# So many different pieces of a text, parted by blanks, are looked up in dictionaries. Articles have some
# hundreds, books thousands.
_MOST_PIECES = 8_000
# What is longer than this is neither remembered nor a form of a word.
_LONGEST_FORM = 60
# Names are found however they are hyphenated or quoted: космодром "Восточний".
_PASSED_OVER = frozenset({"-", '"'})
# Endings by which a Korean entry may be longer than another and mean the same.
_INFLECTED = frozenset("했 하 한 할 해 하고 하기 됐 된 될 되 돼 받 시키 을 를 은 는 이 가 에 의 도".split())  # noqa: SIM905
# Endings of Korean verbs that close a clause.
_CLAUSE = re.compile(
    r"(?:[가-힣](?:으며|면서|지만|는데|으나|다며|라며|자며|냐며|다고|라고|자고|냐고|다면서|는데요|다는데|거라고)"
    r"|[하되이지리치내히]며|[했됐었았였졌렸겼갔왔웠켰쳤있없하되]고요?)$"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A way to write a known entity."""

    entity: KnownEntity
    role: str  # alias, short, adjective, demonym or metonym
    capitalised: bool
    unsure: bool = False  # taken only where the entity is named otherwise, too


@dataclass(slots=True)
class Node:
    """A step of the vocabulary's trie of keys."""

    children: dict[str, "Node"] = field(default_factory=dict)
    cues: list[str] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Word:
    """A written form with all that it can be."""

    text: str
    lower: str
    lemmas: tuple[str, ...]
    marks: frozenset[str]
    lemma: str  # its first lemma where it has only letters, else nothing
    keys: tuple[str, ...]
    starts: tuple[Node, ...]
    inner: bool  # whether several vocabulary words stand in this one word (Korean compounds)
    punctuated: bool  # ends neither in a letter nor in a digit
    capitalised: bool  # written as names are: one capital letter, then small ones
    dated: bool  # a date may begin with it
    counted: bool  # a number may begin with it
    closing: bool  # ends as Korean verbs do that close a clause


class Tokens(NamedTuple):
    """A text split into words."""

    words: list[Word]
    spans: list[tuple[int, int]]
    """Where each stands in the text: (start, end)."""
    lines: list[int]
    """The number of words before the end of each line."""


class Lexicon:
    """Finds names and cues of one language."""

    def __init__(
        self,
        language: str,
        knowledge: Knowledge,
        morphology: Morphology,
        tokenizer: Tokenizer,
        memories: Memories,
        keys: dict[str, list[str]] | None = None,
    ) -> None:
        """Build the vocabulary. `keys` are what was derived for names and cues before; it is completed.

        What is read is remembered within the bound of `memories`.
        """
        self.keys = {} if keys is None else keys
        self.language = language
        self._morphology = morphology
        self._tokenizer = tokenizer
        self._root = Node()
        self._vocabulary: set[str] = set()
        self._longest_stem = 0
        self._words: Memory[Word] = Memory(memories)
        self._pieces: Memory[list[tuple[int, int, Word]]] = Memory(memories)
        self._nominatives: Memory[str] = Memory(memories)
        self._marks: dict[frozenset[str], frozenset[str]] = {}
        grammar = knowledge.grammars[language]
        self._of_dates = {*grammar.months, *grammar.weekdays, *grammar.relative_phrases}
        self._of_numbers = {*grammar.numerals, *grammar.multipliers}
        for entity in knowledge.entities:
            for role, names in (
                ("alias", entity.aliases),
                ("short", entity.short),
                ("adjective", entity.adjectives),
                ("short adjective", entity.short_adjectives),
                ("demonym", entity.demonyms),
                ("metonym", entity.metonyms),
            ):
                for words in names.get(language, ()):  # type: ignore[call-overload]
                    free = entity.country is not None and role != "short" and entity.label in ("GPE", "NORP")
                    capitalised = words.lstrip("=~")[:1].isupper() and not free
                    name = Name(entity, role.removeprefix("short "), capitalised, unsure=role == "short adjective")
                    self._node(words).names.append(name)
        for cue in knowledge.cues.get(language, ()):
            self._node(cue.words).cues.append(cue.cls)

    def _node(self, words: str) -> Node:
        node = self._root
        if words not in self.keys:
            self.keys[words] = list(self._derive(words))
        for key in self.keys[words]:
            if key not in node.children:
                node.children[key] = Node()
                self._vocabulary.add(key)
                if key.endswith("*"):
                    self._longest_stem = max(self._longest_stem, len(key) - 1)
            node = node.children[key]
        return node

    def _derive(self, words: str) -> Iterator[str]:
        behind = False
        for written in words.split():
            mark = written[0] if written[0] in "=~" and len(written) > 1 else ""
            star = "*" if written.endswith("*") and len(written) > 1 else ""
            core = written.removeprefix(mark).removesuffix(star)
            parts = [part for part in self._tokenizer.words(core) if part not in _PASSED_OVER]
            for part in parts:
                # the second word of a Korean phrase may be a verb's stem of one syllable: "도장을 찍", "증거가 없"
                stem = "*" if self.language == "ko" and behind and len(part) == 1 and part.isalpha() else ""
                yield entry_key(self._morphology, mark + part + (star or stem))
            behind = True

    def read(self, text: str) -> Tokens:
        """Split a text and analyse its words. What stands between blanks is split once and remembered."""
        words: list[Word] = []
        spans: list[tuple[int, int]] = []
        lines: list[int] = []
        known = self._pieces.get
        unread = self._too_many(text)
        at = 0
        for line in text.split("\n"):
            for piece in line.split(" "):
                if piece:
                    for start, end, word in known(piece) or self._split(piece, plain=piece in unread):
                        words.append(word)
                        spans.append((at + start, at + end))
                at += len(piece) + 1
            lines.append(len(words))
        return Tokens(words, spans, lines)

    @staticmethod
    def _too_many(text: str) -> set[str]:
        """Return the pieces of a text that come after more different ones than any writer uses."""
        if len(text) < 2 * _MOST_PIECES:
            return set()
        return set(list(dict.fromkeys(text.split()))[_MOST_PIECES:])

    def _split(self, piece: str, *, plain: bool) -> list[tuple[int, int, Word]]:
        """Split a piece and remember that; `plain`: take it for a word as it is written, and remember nothing."""
        if plain:
            return [(0, len(piece), self._analyse(piece, plain=True))]
        found = [(start, end, self._word(piece[start:end])) for start, end in self._tokenizer.spans(piece)]
        if len(piece) <= _LONGEST_FORM:
            self._pieces.keep(piece, found)
        return found

    def _word(self, text: str) -> Word:
        """Analyse a form, or remember it."""
        word = self._words.get(text)
        if word is None:
            word = self._analyse(text)
            self._words.keep(text, word)
        return word

    def nominative(self, word: Word) -> str:
        """Return the nominative of a form, in small letters, read as part of a name."""
        if not _readable(word.text):
            return word.lower
        found = self._nominatives.get(word.lower)
        if found is None:
            found = self._morphology.nominative(word.lower)
            self._nominatives.keep(word.lower, found)
        return found

    def _analyse(self, text: str, *, plain: bool = False) -> Word:
        lower = text.lower()
        form = self._morphology.form(text) if _readable(text) and not plain else Form((lower,))
        vocabulary = self._vocabulary
        keys = [lemma for lemma in form.lemmas if lemma in vocabulary]
        keys += [f"={text}"] if f"={text}" in vocabulary else []
        keys += [f"={lower}"] if lower != text and f"={lower}" in vocabulary else []
        first = list(keys)
        inner = 0
        if len(text) <= _LONGEST_FORM:
            for stem, opens in self._parts(lower) if self.language == "ko" else self._stems(lower):
                keys.append(stem)
                if opens:
                    first.append(stem)
                    inner += 1
        starts = tuple(self._root.children[key] for key in dict.fromkeys(first) if key in self._root.children)
        found = tuple(dict.fromkeys(keys))
        return Word(
            text,
            lower,
            form.lemmas,
            self._marks.setdefault(form.marks, form.marks),
            form.lemmas[0] if lower.isalpha() else "",
            found,
            starts,
            inner=inner > 1,
            punctuated=not text[-1].isalnum(),
            capitalised=text[0].isupper() and text[1:2].islower() and text.replace("'", "").isalpha(),
            dated=text[0].isdigit() or not self._of_dates.isdisjoint(form.lemmas),
            counted=any(map(str.isdigit, text[:2])) or not self._of_numbers.isdisjoint(form.lemmas),
            closing=self.language == "ko" and bool(_CLAUSE.search(text)),
        )

    def _stems(self, lower: str) -> Iterator[tuple[str, bool]]:
        """Yield the keys of stems that the form begins with; True: it may be the first word of an entry."""
        for end in range(1, min(len(lower), self._longest_stem) + 1):
            if (key := f"{lower[:end]}*") in self._vocabulary:
                yield key, True

    def _parts(self, lower: str) -> Iterator[tuple[str, bool]]:
        """Yield the stems in a Korean word: what it begins with, what follows upon that, and those anywhere.

        Of the entries that a word begins with the longest counts: 대사관 is no 대사, 관계자 is no 관계. An entry that
        only adds an ending hides nothing: 규탄했 is still a 규탄.
        """
        start = 0
        while start < len(lower):
            longest = 0
            for end in range(min(len(lower), start + self._longest_stem), start, -1):
                key = f"{lower[start:end]}*"
                if key not in self._vocabulary or self._cut(lower, end):
                    continue
                node = self._root.children.get(key)
                whole = node is not None and bool(node.cues or node.names)
                yield key, not (whole and longest) or lower[end:longest] in _INFLECTED
                longest = longest or (end if whole else 0)
            if longest - start <= 1:
                break  # a single syllable is mostly the beginning of another word
            start = longest
        for start in range(len(lower)):
            for end in range(start + 1, len(lower) + 1):
                if (key := f"~{lower[start:end]}") in self._vocabulary:
                    yield key, True

    @staticmethod
    def _cut(lower: str, end: int) -> bool:
        """Tell whether a stem would cut a word in Latin letters: "eu" is no part of "europa"."""
        return lower[end - 1].isascii() and lower[end : end + 1].isascii() and lower[end : end + 1].isalpha()

    def find(self, words: Sequence[Word], first: int, stop: int) -> Iterator[tuple[int, int, Node]]:
        """Yield every vocabulary entry from `first` to before `stop` as (first token, behind the last token, node)."""
        for start in range(first, stop):
            word = words[start]
            if not word.starts:
                continue
            stack = [(start + 1, node) for node in word.starts]
            while stack:
                end, node = stack.pop()
                if node.cues or node.names:
                    yield start, end, node
                if not node.children:
                    continue
                following = end
                if following < stop and words[following].text in _PASSED_OVER:
                    following += 1
                if following < stop:
                    stack.extend(
                        (following + 1, node.children[key]) for key in words[following].keys if key in node.children
                    )


def _readable(text: str) -> bool:
    return len(text) <= _LONGEST_FORM and any(map(str.isalpha, text))
