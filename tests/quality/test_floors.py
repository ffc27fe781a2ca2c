"""No change may make the extraction worse than the figures in floors.json: see tools/floors.py."""

import json
from pathlib import Path

import pytest

from tools import floors


@pytest.mark.parametrize("name", floors.PATHS)
def test_no_figure_is_under_its_floor(name: str) -> None:
    if not floors.articles(name):
        pytest.skip(f"there are no labelled articles in {floors.PATHS[name]}")
    recorded = floors.read()[name]
    assert "claims F1" in recorded
    worse = floors.fallen(floors.reached(name), recorded)
    remedy = "mend it, or run `python tools/floors.py --lower` and say why in CHANGELOG.md"
    assert not worse, f"{remedy}\n" + "\n".join(worse)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, float]:
    """Figures that the command finds reached on the seeds, with floors in a file of the test."""
    figures = {"claims F1": 0.8, "relevance F1": 0.9}
    recorded = tmp_path / "floors.json"
    recorded.write_text(json.dumps({"seeds": {"claims F1": 0.7, "relevance F1": 0.95}}))
    monkeypatch.setattr(floors, "FLOORS", recorded)
    monkeypatch.setattr(floors, "ROOT", tmp_path)
    monkeypatch.setattr(floors, "articles", lambda name: [tmp_path] if name == "seeds" else [])
    monkeypatch.setattr(floors, "reached", lambda _: figures)
    return figures


@pytest.mark.usefixtures("measured")
def test_a_figure_under_its_floor_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    before = floors.read()
    assert floors.main([]) == 1
    told = capsys.readouterr().out
    assert "UNDER" in next(line for line in told.splitlines() if "relevance F1" in line)
    assert "UNDER" not in next(line for line in told.splitlines() if "claims F1" in line)
    assert floors.read() == before


@pytest.mark.usefixtures("measured")
def test_raising_leaves_the_floors_that_are_not_reached() -> None:
    assert floors.main(["--raise"]) == 1
    assert floors.read()["seeds"] == {"claims F1": 0.8, "relevance F1": 0.95}


@pytest.mark.usefixtures("measured")
def test_lowering_changes_only_what_is_worse_and_asks_for_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert floors.main(["--lower"]) == 0
    assert floors.read()["seeds"] == {"claims F1": 0.7, "relevance F1": 0.9}
    assert "CHANGELOG" in capsys.readouterr().out


def test_a_figure_that_is_no_longer_measured_counts_as_fallen() -> None:
    assert floors.fallen({}, {"claims F1, ko": 0.5}) == ["claims F1, ko is 0.0000, its floor 0.5000"]
