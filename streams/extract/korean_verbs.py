"""What the endings of Korean verbs tell: those of `knowledge/ko/grammar.yaml`."""

from streams.extract.knowledge import Grammar
from streams.extract.lexicon import Word

# What Korean particles make of a noun.
_NOMINAL = frozenset({"nomn", "accs", "gent", "with"})


class KoreanVerbs:
    """Tells what verbs do in their clauses by how they end."""

    def __init__(self, grammar: Grammar) -> None:
        self._endings = grammar.verb_endings

    def nominal(self, word: Word) -> bool:
        """Tell whether a particle makes a word a noun."""
        return not _NOMINAL.isdisjoint(word.marks)

    def closes(self, word: Word) -> bool:
        """Tell whether a word ends as verbs do that close a clause: "보냈다", "보내고"."""
        return word.text.endswith(self._endings.closing)

    def describes(self, word: Word) -> bool:
        """Tell whether a word ends as verbs do that describe a noun: "보낸", "보낼"."""
        return word.text.endswith(self._endings.describing)

    def verbal(self, word: Word) -> bool:
        """Tell whether a word is a verb by its ending."""
        return not self.nominal(word) and (self.describes(word) or self.closes(word))

    def asks(self, word: Word) -> bool:
        """Tell whether a verb only asks: "도울 것이냐고 (묻자)", "보내고 있는지는"."""
        return word.text.endswith(self._endings.asking)
