"""A short fuzzing, in which hypothesis picks: `make fuzz` does the same for hundreds of thousands of inputs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz import checking
from fuzz.composing import Composer
from streams.extract import Extractor
from streams.extract.language import SUPPORTED


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer()


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor.load()


@given(st.binary(max_size=500))
def test_bytes_are_an_article_or_bad_input(value: bytes) -> None:
    checking.decoding(value)


# texts take longer than what hypothesis is used to; how long is measured by bench/
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), language=st.none() | st.sampled_from(SUPPORTED))
def test_hostile_texts_are_read_and_offsets_are_exact(
    composer: Composer, extractor: Extractor, data: st.DataObject, language: str | None
) -> None:
    text = composer.text(lambda most: data.draw(st.integers(0, most - 1)), most=15)
    checking.extraction(extractor, text, language)
