"""Names in Latin letters, by the tables of the knowledge files."""

from streams.extract.knowledge import Names

_FIRST, _LAST = "\uac00", "\ud7a3"
# Revised Romanisation of Korean (Ministry of Culture and Tourism, 2000): initials, vowels and finals of a syllable in
# the order in which Unicode composes them.
_INITIALS = ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"]
_VOWELS = [
    "a",
    "ae",
    "ya",
    "yae",
    "eo",
    "e",
    "yeo",
    "ye",
    "o",
    "wa",
    "wae",
    "oe",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "eu",
    "ui",
    "i",
]
_FINALS = [
    "",
    "k",
    "k",
    "k",
    "n",
    "n",
    "n",
    "t",
    "l",
    "k",
    "m",
    "p",
    "l",
    "l",
    "p",
    "l",
    "m",
    "p",
    "p",
    "t",
    "t",
    "ng",
    "t",
    "t",
    "k",
    "t",
    "p",
    "t",
]


def romanise(name: str, names: Names) -> str:
    """Write a name in Latin letters; what no table knows stays as it is."""
    if name and _FIRST <= name[0] <= _LAST:
        return _hangul(name, names)
    written = []
    i = 0
    while i < len(name):
        size = 2 if name[i : i + 2].lower() in names.romanisation else 1
        letters = name[i : i + size]
        initial = i == 0 or not name[i - 1].isalpha()
        latin = names.romanisation_initial.get(letters.lower()) if initial else None
        latin = names.romanisation.get(letters.lower(), letters) if latin is None else latin
        written.append(latin.capitalize() if letters[0].isupper() else latin)
        i += size
    return "".join(written)


def _hangul(name: str, names: Names) -> str:
    """Write a Korean name: family name, then the given name's syllables with a hyphen."""
    family = names.romanisation_initial.get(name[0]) or _syllable(name[0]).capitalize()
    given = "-".join(_syllable(character) for character in name[1:])
    return f"{family} {given.capitalize()}".strip()


def _syllable(character: str) -> str:
    if not _FIRST <= character <= _LAST:
        return character
    initial, rest = divmod(ord(character) - ord(_FIRST), len(_VOWELS) * len(_FINALS))
    vowel, final = divmod(rest, len(_FINALS))
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]
