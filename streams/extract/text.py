"""A clean view of an article's text whose every position is known in the original.

Feeds deliver soft hyphens, no-break spaces, decomposed letters, typographic quotes and left-over HTML. Rules are
written for plain text, so they work on a cleaned view; offsets are mapped back, since the contract counts code points
of the original.
"""

import re
import unicodedata
from bisect import bisect_left

_ALIKE = {
    **dict.fromkeys("\x1c\x1d\x1e\x1f\x85\u1680\u2000\u2001\u2004\u2005\u2006\u2008\u205f", " "),
    **dict.fromkeys("\u00a0\u202f\u2007\u2009\u200a\u2002\u2003\u3000\t\v\f", " "),
    **dict.fromkeys("’‘ʼ`´′＇", "'"),
    **dict.fromkeys("«»“”„‟″「」『』《》〈〉", '"'),
    **dict.fromkeys("‐‑⁃−", "-"),
    **dict.fromkeys("–—―─", "—"),
    **dict.fromkeys("∼～〜", "~"),
    "\r": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
    "，": ",",
    "．": ".",
    "％": "%",
}
_DROPPED = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\ufeff\ufe0e\ufe0f\u0301"
)
_TAG = re.compile(r"<[/!]?[A-Za-z][^<>\n]{0,300}>|&(?:nbsp|amp|quot|laquo|raquo|ndash|mdash|lt|gt|#\d{1,5});")


class Text:
    """The cleaned text (`clean`) of an `original`, with `start` and `end` to map positions back."""

    __slots__ = ("_offsets", "clean", "original")

    def __init__(self, original: str) -> None:
        self.original = original
        self._offsets: list[int] | None = None
        clean = original
        for odd, plain in _ALIKE.items():  # many times faster than str.translate, since most of them are in no text
            if odd in clean:
                clean = clean.replace(odd, plain)
        if any(map(clean.__contains__, _DROPPED)) or not unicodedata.is_normalized("NFC", clean):
            clean, self._offsets = _compose(clean)
        if "<" in clean or "&" in clean:
            clean = _TAG.sub(lambda tag: " " * len(tag[0]), clean)
        self.clean = clean

    def start(self, position: int) -> int:
        """Map the position of a first character to an offset in the original."""
        return position if self._offsets is None else self._offsets[position]

    def end(self, position: int) -> int:
        """Map the position behind a last character to an offset in the original."""
        return position if self._offsets is None else self._offsets[position - 1] + self._width(position - 1)

    def _width(self, position: int) -> int:
        """Count the original code points that became the one at `position`, without dropped ones behind it."""
        assert self._offsets is not None  # noqa: S101 - narrows the type; only called where offsets exist
        start = self._offsets[position]
        end = self._offsets[position + 1] if position + 1 < len(self._offsets) else len(self.original)
        while end > start + 1 and self.original[end - 1] in _DROPPED:
            end -= 1
        return end - start

    def position(self, offset: int) -> int:
        """Map an offset in the original to a position in the cleaned text."""
        return offset if self._offsets is None else bisect_left(self._offsets, offset)


def _compose(text: str) -> tuple[str, list[int]]:
    """Drop invisible characters and compose decomposed letters; return the result and each character's origin."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        if character in _DROPPED:
            continue
        if characters and ("\u0300" <= character <= "\u036f" or "\u1160" <= character <= "\u11ff"):
            composed = unicodedata.normalize("NFC", characters[-1] + character)
            if len(composed) == 1:
                characters[-1] = composed
                continue
        characters.append(character)
        offsets.append(offset)
    return "".join(characters), offsets
