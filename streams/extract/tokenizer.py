"""Tokens, by spaCy's blank tokeniser of each language."""

import re
from contextlib import ExitStack

from spacy.tokenizer import Tokenizer as SpacyTokenizer
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex, get_lang_class
from spacy.vocab import create_vocab

# spaCy takes affixes off a word one by one, and looks at the whole word each time: words are kept to what people write.
_LONGEST_WORD = 50
_RUN = re.compile(r"\S+")
# Characters after which spaCy's memory of words is emptied: it grows with every new word, and the lexicon remembers
# what was split.
_REMEMBERED = 10_000


class Tokenizer:
    """Splits a text. Hyphens part words, so that "Kim Jong-un" and "KN-23" are found however they are written."""

    def __init__(self, language: str) -> None:
        defaults = get_lang_class(language).Defaults
        infixes = [
            *(defaults.infixes or ()),
            r"(?<=\w)[-~/](?=\w)",
            r"(?<=[^\W\d_]),(?=\w)",
            r"[()]",
            r"(?<=\d)—(?=\d)",
        ]
        if language == "ko":
            infixes.append(r"(?<=\w)[\"'·…](?=\w)")
        else:
            infixes.append(r"(?<=[^\W\d_]{2})[.…](?=[A-ZА-ЯІЇЄҐ])")
        # put together from its parts: a whole pipeline takes twice as long to make, and is not needed
        self._vocab = create_vocab(language, defaults)
        self._split = SpacyTokenizer(
            self._vocab,
            rules=defaults.tokenizer_exceptions,
            prefix_search=compile_prefix_regex(defaults.prefixes or ()).search,
            suffix_search=compile_suffix_regex(defaults.suffixes or ()).search,
            infix_finditer=compile_infix_regex(infixes).finditer,
            token_match=defaults.token_match,
            url_match=defaults.url_match,
        )
        self._zone = ExitStack()
        self._met = _REMEMBERED

    def words(self, text: str) -> list[str]:
        """Return the tokens' texts."""
        return [text[start:end] for start, end in self.spans(text)]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the tokens' (start, end) in `text`, white space left out."""
        found: list[tuple[int, int]] = []
        self._remember(len(text))
        for run in _RUN.finditer(text):
            marks = run.end() - run.start() > _LONGEST_WORD and not any(map(str.isalnum, run[0]))
            for at in range(run.start(), run.end(), _LONGEST_WORD):
                part = text[at : min(at + _LONGEST_WORD, run.end())]
                if marks:  # a row of them is nothing but affixes, and no word
                    found.append((at, at + len(part)))
                else:
                    found += [(at + token.idx, at + token.idx + len(token)) for token in self._split(part)]
        return found

    def _remember(self, characters: int) -> None:
        """Begin a new memory zone after enough text: spaCy forgets there the words that it has met since the last."""
        self._met += characters
        if self._met > _REMEMBERED:
            self._zone.close()
            self._zone.enter_context(self._vocab.memory_zone())
            self._met = characters
