"""Fuzzes extraction with texts made of what it looks for, in all languages. Run by `make fuzz`."""

import atheris

from fuzz.running import run

with atheris.instrument_imports(include=["streams.extract"]):
    from fuzz import checking
    from fuzz.composing import Composer
    from streams.extract import Extractor
    from streams.extract.language import SUPPORTED

COMPOSER = Composer()
EXTRACTOR = Extractor.load()


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    language = [None, *SUPPORTED][provider.ConsumeIntInRange(0, len(SUPPORTED))]
    # many short texts find more than few long ones; bench/ and the tests have the long ones
    text = COMPOSER.text(lambda most: provider.ConsumeIntInRange(0, most - 1), most=12)
    checking.extraction(EXTRACTOR, text, language)


if __name__ == "__main__":
    run("extraction", one_input, size=200)
