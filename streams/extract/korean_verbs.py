"""What the endings of Korean verbs tell."""

import re

from streams.extract.lexicon import Word

# What Korean particles make of a noun.
_NOMINAL = frozenset({"nomn", "accs", "gent", "with"})
_DESCRIBING = re.compile(r"[한할된될은는을던린릴긴낸낼온올간갈난날]$")
_CLOSING = re.compile(r"(?:[다요며고서지]|[해돼여아어내겨려혀켜워져쳐와봐놔줘]|기로|중이라고|중)$")
_ASKING = re.compile(r"(?:냐고|냐는|는지|는지는|는지를|을지|을지는|일지|할지)$")


def nominal(word: Word) -> bool:
    """Tell whether a particle makes a word a noun."""
    return bool(word.marks & _NOMINAL)


def closes(word: Word) -> bool:
    """Tell whether a word ends as verbs do that close a clause: "보냈다", "보내고"."""
    return bool(_CLOSING.search(word.text))


def describes(word: Word) -> bool:
    """Tell whether a word ends as verbs do that describe a noun: "보낸", "보낼"."""
    return bool(_DESCRIBING.search(word.text))


def verbal(word: Word) -> bool:
    """Tell whether a word is a verb by its ending."""
    return not nominal(word) and (describes(word) or closes(word))


def asks(word: Word) -> bool:
    """Tell whether a verb only asks: "도울 것이냐고 (묻자)", "보내고 있는지는"."""
    return bool(_ASKING.search(word.text))
