"""Which language a text is in."""

from functools import cache
from typing import TYPE_CHECKING

from schemas import Article

if TYPE_CHECKING:
    from lingua import LanguageDetector

SUPPORTED = ("uk", "ru", "en", "ko")
UNKNOWN = "und"

# More of a text than this tells the language no better.
_SAMPLE = 2_000


@cache
def _detector() -> "LanguageDetector":
    from lingua import Language, LanguageDetectorBuilder

    # The supported languages and those that a feed about the subject is most likely to hold beside them.
    names = "UKRAINIAN RUSSIAN ENGLISH KOREAN BELARUSIAN BULGARIAN CHINESE JAPANESE FRENCH GERMAN SPANISH POLISH"
    languages = [Language.from_str(name) for name in names.split()]
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()


def language_of(article: Article) -> str:
    """Return the ISO 639-1 code of the article's language: the feeder's word, else detected; `und` where unknown."""
    if article.language:
        return article.language.replace("_", "-").split("-")[0].lower()
    found = _detector().detect_language_of(f"{article.title or ''}\n{article.text[:_SAMPLE]}")
    return found.iso_code_639_1.name.lower() if found else UNKNOWN
