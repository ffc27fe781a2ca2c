"""What an editor of the knowledge files is told: each fault, with file, line and remedy, all at once."""

import shutil
from pathlib import Path

import pytest

from streams.errors import KnowledgeError
from streams.extract.knowledge import HOME, Knowledge, hash_of


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a copy of the knowledge files that a test may spoil, small enough to be read in no time."""
    shutil.copytree(HOME, tmp_path / "knowledge")
    for path in (tmp_path / "knowledge").rglob("entities/*.yaml"):
        path.write_text("[]\n", encoding="utf-8")
    return tmp_path / "knowledge"


def faults(home: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        Knowledge.load(home)
    return caught.value.message.replace(f"{home}/", "").splitlines()


def add(path: Path, text: str) -> int:
    """Append a text to a file and return the line on which it starts."""
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}{text}\n", encoding="utf-8")
    return before.count("\n") + 1


def test_tumens_own_files_have_no_fault() -> None:
    knowledge = Knowledge.load()
    assert knowledge.entities
    assert all(knowledge.cues[language] for language in ("uk", "ru", "en", "ko"))


def test_every_fault_is_told_at_once(home: Path) -> None:
    people = home / "common/entities/people.yaml"
    people.write_text("- name: Ann\n  lable: PERSON\n  aliases: {en: [Ann]}\n", encoding="utf-8")
    line = add(home / "en/cues/actions.yaml", "sned: [send]")
    assert faults(home) == [
        "common/entities/people.yaml:1: 0.label: this key is required; add it",
        "common/entities/people.yaml:2: 0.lable: no such key; mend the spelling or take it out",
        f"en/cues/actions.yaml:{line}: unknown cue class 'sned'; "
        "declare it in common/classes.yaml or mend the spelling",
    ]


def test_a_name_of_two_entities_is_a_fault(home: Path) -> None:
    (home / "common/entities/people.yaml").write_text(
        "- {name: Ann Lee, label: PERSON, aliases: {en: [Lee]}}\n"
        "- {name: Bob Lee, label: PERSON, aliases: {en: [Lee]}}\n",
        encoding="utf-8",
    )
    assert faults(home) == [
        f"common/entities/people.yaml:2: 'Lee' names 'Ann Lee' already, at {home}/common/entities/people.yaml:1; "
        "take one out, or move it to 'short'".replace(f"{home}/", "")
    ]


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("common/rules.yaml", "- {id: x, type: troops, when: [no_such_class]}", "unknown cue class 'no_such_class'"),
        ("common/rules.yaml", "- {id: y, type: toops, when: [troops]}", "Input should be 'troops'"),
        ("ru/cues/actions.yaml", "find: [a: b", "not YAML"),
        ("uk/grammar.yaml", "decimal: ','", "'decimal' stands twice"),
        ("ko/names.yaml", "familie: [김]", "no such key"),
        ("ru/grammar.yaml", "hinge: [после]", "no such key"),
    ],
)
def test_a_fault_names_its_line_and_remedy(home: Path, file: str, text: str, told: str) -> None:
    line = add(home / file, text)
    (fault,) = faults(home)
    at, _, message = fault.partition(": ")
    assert at.startswith(f"{file}:")
    assert line <= int(at.rpartition(":")[2]) <= line + 1
    assert told in message


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{words: [two suns later], day: 2, week: 1}", "give one of day, week, month and year"),
        ("{words: [two suns later]}", "give one of day, week, month and year"),
        ("{words: [two suns later], day: two}", "valid integer"),
        ("{words: [], day: 2}", "at least 1 item"),
        ("{words: [two suns later], day: 2, else: today}", "Input should be 'published'"),
        ("{words: [two suns later, the next day], day: 2}", "'the next day' stands already at"),
        ("{words: [two suns later, yesterday], day: 2}", "'yesterday' stands already at"),
    ],
)
def test_a_fault_among_times_names_its_line_and_remedy(home: Path, written: str, told: str) -> None:
    path = home / "en/grammar.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("# Words that, right behind", f"  - {written}\n# Words that, right behind"), encoding="utf-8"
    )
    line = text[: text.index("# Words that, right behind")].count("\n") + 1
    (fault,) = faults(home)
    assert fault.startswith(f"en/grammar.yaml:{line}: ")
    assert told in fault


def test_the_hash_changes_with_any_file(home: Path) -> None:
    before = hash_of(home)
    add(home / "en/cues/actions.yaml", "# a comment")
    assert hash_of(home) != before
