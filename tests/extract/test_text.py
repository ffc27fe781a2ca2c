"""Offsets always count the original's code points, whatever a feed delivers."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.extract.text import Text


@pytest.mark.parametrize(
    ("original", "clean"),
    [
        ("Пхень\u00adян", "Пхеньян"),
        ("10\u00a0000 солдат", "10 000 солдат"),
        ("«Град» — “Grad”", '"Град" — "Grad"'),
        ("п’ять", "п'ять"),
        (unicodedata.normalize("NFD", "Південної Кореї"), "Південної Кореї"),
        (unicodedata.normalize("NFD", "북한군"), "북한군"),
        ("\u200bKim\u2060 Jong\ufeff Un", "Kim Jong Un"),
        ("KN\u201123", "KN-23"),
    ],
)
def test_rules_see_a_plain_text(original: str, clean: str) -> None:
    assert Text(original).clean == clean


def test_html_left_overs_become_blanks_of_equal_length() -> None:
    original = "<p>Росія&nbsp;та <b>КНДР</b></p>"
    text = Text(original)
    assert len(text.clean) == len(original)
    assert text.clean.split() == ["Росія", "та", "КНДР"]


def test_positions_map_back_to_the_original() -> None:
    original = "🇰🇵 Пхень\u00adя\u0301н \u200bнадіслав"
    text = Text(original)
    at = text.clean.index("Пхеньян")
    assert original[text.start(at) : text.end(at + len("Пхеньян"))] == "Пхень\u00adя\u0301н"
    at = text.clean.index("надіслав")
    assert original[text.start(at) : text.end(at + len("надіслав"))] == "надіслав"


@given(st.text())
def test_every_position_of_any_text_maps_back_in_order(original: str) -> None:
    text = Text(original)
    starts = [text.start(i) for i in range(len(text.clean))]
    ends = [text.end(i + 1) for i in range(len(text.clean))]
    assert starts == sorted(starts)
    assert all(0 <= start < end <= len(original) for start, end in zip(starts, ends, strict=True))
