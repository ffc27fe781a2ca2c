"""Names that no list holds: people by their given names and offices, organisations and places by their form."""

from collections.abc import Iterator

from schemas import Label
from streams.extract.document import Document, Hit, Mention, Sentence
from streams.extract.knowledge import KnownEntity, Names
from streams.extract.romanisation import romanise

# A person's name has at most this many words, an organisation's or a place's too.
_LONGEST = 4
# A Korean name in Cyrillic is written as short words: "Кан Те Сік".
_SYLLABLE = 6


def find_names(document: Document, names: Names) -> None:
    """Add the mentions of unlisted people, organisations and places to a document."""
    finder = _Hangul(document, names) if document.language == "ko" else _Capitals(document, names)
    for sentence in document.sentences:
        taken = {token for mention in sentence.mentions for token in range(mention.start, mention.end)}
        found = list(finder.find(sentence, taken))
        for mention in found:
            if taken.isdisjoint(range(mention.start, mention.end)):
                taken.update(range(mention.start, mention.end))
                document.add(sentence, mention)


class _Capitals:
    """Languages that write names with capital letters."""

    def __init__(self, document: Document, names: Names) -> None:
        self._document = document
        self._names = names
        self._families = frozenset(names.family_names)
        self._given = frozenset(names.given_names)
        self._never_first = frozenset(names.never_first)
        self._seen: dict[str, str] = {}  # last names of people found, so that the name alone is found again

    def find(self, sentence: Sentence, taken: set[int]) -> Iterator[Mention]:
        words = self._document.words
        titles = {token for hit in sentence.of("title") for token in range(hit.start, hit.end)}
        end = sentence.start
        for i in range(sentence.start, sentence.end):
            if i < end or not words[i].capitalised or i in taken or i in titles or words[i].lower in self._never_first:
                continue
            end = i + 1
            while end < sentence.end and end not in taken and end - i < _LONGEST and self._goes_on(end):
                end += 1
            if words[end - 1].text == "-":
                end -= 1
            mention = self._named(sentence, i, end)
            if mention:
                yield mention
        yield from self._quoted(sentence, taken)

    def _goes_on(self, i: int) -> bool:
        words, spans = self._document.words, self._document.spans
        if words[i].text == "-":
            return spans[i][0] == spans[i - 1][1]
        hyphenated = words[i - 1].text == "-"
        return words[i].capitalised or (hyphenated and words[i].text.isalpha() and self._document.language == "en")

    def _named(self, sentence: Sentence, start: int, end: int) -> Mention | None:
        document = self._document
        first = document.words[start]
        titled = any(hit.end == start for hit in sentence.of("title"))
        long = sum(word.text != "-" for word in document.words[start:end])
        if long >= 2 and (titled or self._looks_personal(start, end)):
            return self._person(start, end)
        if long == 1 and first.text in self._seen:
            return self._mention(start, end, Label.PERSON, self._seen[first.text])
        if long == 1 and titled and ("Surn" in first.marks or document.language == "en") and start > sentence.start:
            return self._person(start, end)
        head = next((hit for hit in sentence.of("org_head", "news_head", "place_head") if hit.end == start), None)
        if head is None and document.language == "en":
            head = next((hit for hit in sentence.of("org_head", "place_head") if hit.start == end), None)
        if head is None or head.cls == "news_head":
            return None
        label = Label.GPE if head.cls == "place_head" else Label.ORG
        if label is Label.ORG:
            start, end = min(start, head.start), max(end, head.end)
        return self._mention(start, end, label, self._english(start, end), "city" if label is Label.GPE else None)

    def _looks_personal(self, start: int, end: int) -> bool:
        words = self._document.words[start:end]
        if words[0].text in self._given:
            return True
        if self._document.language == "en":
            hyphenated = any(word.text == "-" for word in words)
            return words[0].text in self._families and (hyphenated or len(words) == 3)
        if words[1].text == "-":
            return False  # "Коста-Рика", "Сєверо-Курильськ"
        if "Name" in words[0].marks and "Geox" not in words[1].marks:
            return True
        short = len(words) == 3 and all(len(word.text) <= _SYLLABLE for word in words)
        return short and any(lemma.capitalize() in self._families for lemma in words[0].lemmas)

    def _person(self, start: int, end: int) -> Mention:
        name = self._english(start, end)
        self._seen[self._document.words[end - 1].text] = name
        return self._mention(start, end, Label.PERSON, name)

    def _quoted(self, sentence: Sentence, taken: set[int]) -> Iterator[Mention]:
        """Find names in quotes behind a noun: 'завод "Прогрес"', 'the newspaper "…"'."""
        words = self._document.words
        for hit in sentence.of("org_head", "news_head"):
            if hit.end + 2 >= sentence.end or words[hit.end].text != '"' or not words[hit.end + 1].text[:1].isupper():
                continue
            close = next((i for i in range(hit.end + 2, min(hit.end + 7, sentence.end)) if words[i].text == '"'), None)
            if close and taken.isdisjoint(range(hit.end, close)):
                kind = "newsroom" if hit.cls == "news_head" else "company"
                name = romanise(self._document.original(hit.end + 1, close), self._names)
                yield self._mention(hit.end + 1, close, Label.ORG, name, kind)

    def _english(self, start: int, end: int) -> str:
        """Write a name in Latin letters, in its dictionary form."""
        document = self._document
        if document.language == "en":
            return document.original(start, end)
        written = []
        for word in document.words[start:end]:
            name = document.lexicon.nominative(word)
            written.append(romanise(name.capitalize() if word.text[:1].isupper() else name, self._names))
        return " ".join(written).replace(" - ", "-")

    def _mention(self, start: int, end: int, label: Label, name: str, kind: str | None = None) -> Mention:
        return Mention(KnownEntity(name=name, label=label, kind=kind, aliases={}), "found", start, end)


class _Hangul:
    """Korean: a name stands before an office."""

    def __init__(self, document: Document, names: Names) -> None:
        self._document = document
        self._names = names
        self._families = tuple(names.family_names)

    def find(self, sentence: Sentence, taken: set[int]) -> Iterator[Mention]:
        words = self._document.words
        for hit in sentence.of("title"):
            i = hit.start - 1
            if i < sentence.start or i in taken or not self._personal(words[i].text, hit):
                continue
            name = romanise(words[i].text, self._names)
            yield Mention(KnownEntity(name=name, label=Label.PERSON, aliases={}), "found", i, i + 1)

    def _personal(self, text: str, hit: Hit) -> bool:
        hangul = all("\uac00" <= character <= "\ud7a3" for character in text)
        return hangul and len(text) == 3 and text.startswith(self._families) and hit.end - hit.start == 1
