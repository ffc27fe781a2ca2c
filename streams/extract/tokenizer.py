"""Tokens, by spaCy's blank tokeniser of each language."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import spacy
from spacy.attrs import IDX, IS_SPACE, LENGTH
from spacy.language import Language
from spacy.tokenizer import Tokenizer as SpacyTokenizer
from spacy.util import compile_infix_regex

# Longer texts are tokenised in parts: spaCy's memory for one document is not small.
_CHUNK = 100_000
# spaCy takes affixes off a word one by one, and looks at the whole word each time: words are kept to what people write.
_LONGEST_WORD = 50
_ENDLESS = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")


# Characters after which spaCy's memory of words is emptied. It grows with every new word, but words that it knows are
# tokenised several times faster.
_REMEMBERED = 2_000_000


class Tokenizer:
    """Splits a text. Hyphens part words, so that "Kim Jong-un" and "KN-23" are found however they are written."""

    def __init__(self, language: str) -> None:
        config = {"nlp": {"tokenizer": {"@tokenizers": "spacy.Tokenizer.v1"}}} if language == "ko" else {}
        self.nlp: Language = spacy.blank(language, config=config)
        infixes = [
            *(self.nlp.Defaults.infixes or []),
            r"(?<=\w)[-~/](?=\w)",
            r"(?<=[^\W\d_]),(?=\w)",
            r"[()]",
            r"(?<=\d)—(?=\d)",
        ]
        if language == "ko":
            infixes.append(r"(?<=\w)[\"'·…](?=\w)")
        else:
            infixes.append(r"(?<=[^\W\d_]{2})[.…](?=[A-ZА-ЯІЇЄҐ])")
        tokenizer = self.nlp.tokenizer
        assert isinstance(tokenizer, SpacyTokenizer)  # noqa: S101 - what every blank pipeline here has; narrows the type
        tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
        self._zone = ExitStack()
        self._met = _REMEMBERED

    def words(self, text: str) -> list[str]:
        """Return the tokens' texts."""
        return [token.text for token in self.nlp.make_doc(text) if not token.is_space]

    def spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Return the tokens' (start, end) in `text`, white space left out."""
        found: list[tuple[int, int]] = []
        self._remember(len(text))
        for offset, chunk in _chunks(text):
            for start, length, space in self.nlp.make_doc(chunk).to_array([IDX, LENGTH, IS_SPACE]).tolist():
                if not space:
                    found.append((offset + start, offset + start + length))
        return found

    def _remember(self, characters: int) -> None:
        """Begin a new memory zone after enough text: spaCy forgets there the words that it has met since the last."""
        self._met += characters
        if self._met > _REMEMBERED:
            self._zone.close()
            self._zone.enter_context(self.nlp.memory_zone())
            self._met = characters


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text into (offset, part): long ones at white space, and endless words anywhere."""
    start = 0
    for run in _ENDLESS.finditer(text):
        yield from _parts(text, start, run.start())
        for at in range(run.start(), run.end(), _LONGEST_WORD):
            yield at, text[at : min(at + _LONGEST_WORD, run.end())]
        start = run.end()
    yield from _parts(text, start, len(text))


def _parts(text: str, start: int, stop: int) -> Iterator[tuple[int, str]]:
    while start < stop:
        end = min(start + _CHUNK, stop)
        if end < stop:
            cut = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            end = cut if cut > start else end
        yield start, text[start:end]
        start = end
