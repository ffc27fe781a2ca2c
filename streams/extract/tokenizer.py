"""Tokens, by spaCy's blank tokeniser of each language."""

from collections.abc import Sequence

import spacy
from spacy.attrs import IDX, IS_SPACE, LENGTH
from spacy.language import Language
from spacy.tokenizer import Tokenizer as SpacyTokenizer
from spacy.util import compile_infix_regex

# A longer run is not an article's sentence; spaCy's cost is linear in it, but its memory is not small.
_CHUNK = 100_000


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
        ]
        if language == "ko":
            infixes.append(r"(?<=\w)[\"'·…](?=\w)")
        else:
            infixes.append(r"(?<=[^\W\d_]{2})[.…](?=[A-ZА-ЯІЇЄҐ])")
        tokenizer = self.nlp.tokenizer
        assert isinstance(tokenizer, SpacyTokenizer)  # noqa: S101 - what every blank pipeline here has; narrows the type
        tokenizer.infix_finditer = compile_infix_regex(infixes).finditer

    def words(self, text: str) -> list[str]:
        """Return the tokens' texts."""
        return [token.text for token in self.nlp.make_doc(text) if not token.is_space]

    def spans(self, text: str) -> Sequence[tuple[int, int]]:
        """Return the tokens' (start, end) in `text`, white space left out."""
        found: list[tuple[int, int]] = []
        with self.nlp.memory_zone():
            for offset, chunk in _chunks(text):
                for start, length, space in self.nlp.make_doc(chunk).to_array([IDX, LENGTH, IS_SPACE]).tolist():
                    if not space:
                        found.append((offset + start, offset + start + length))
        return found


def _chunks(text: str) -> Sequence[tuple[int, str]]:
    """Cut a long text at white space, or anywhere where there is none."""
    if len(text) <= _CHUNK:
        return [(0, text)]
    chunks = []
    start = 0
    while start < len(text):
        end = min(start + _CHUNK, len(text))
        if end < len(text):
            cut = max(text.rfind(" ", start + _CHUNK // 2, end), text.rfind("\n", start + _CHUNK // 2, end))
            end = cut if cut > 0 else end
        chunks.append((start, text[start:end]))
        start = end
    return chunks
