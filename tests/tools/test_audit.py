"""The audit of dependencies: a finding fails, a service that is not reached does not, and is told."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import audit

CLEAN = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "not found"}
FAULTY = {"name": "c", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"], "aliases": ["CVE-1"]}]}


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    def with_answer(stdout: str, stderr: str, status: int) -> tuple[int, str]:
        stand_in = tmp_path / "pip-audit"
        stand_in.write_text(
            f"#!{sys.executable}\nimport sys\nassert '--require-hashes' in sys.argv\n"
            f"print({stdout!r}, end='')\nprint({stderr!r}, file=sys.stderr)\nsys.exit({status})\n"
        )
        stand_in.chmod(0o755)
        found = audit.main(str(stand_in))
        told = capfd.readouterr()
        return found, told.out + told.err

    return with_answer


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_finding_fails_and_names_the_remedy(run: Any) -> None:
    status, told = run(report(CLEAN, FAULTY, SKIPPED), "Found 1 known vulnerability", 1)
    assert status == 1
    assert "c 2: PYSEC-1 (CVE-1); mended in 3" in told
    assert "2 of 3 locked packages" in told


def test_without_findings_all_is_well(run: Any) -> None:
    assert run(report(CLEAN), "", 0) == (
        0,
        "1 of 1 locked packages held against the known vulnerabilities: 0 found\n",
    )


@pytest.mark.parametrize(
    ("stdout", "stderr", "status"),
    [
        (report(SKIPPED), "", 0),
        ("", "Traceback\nrequests.exceptions.ConnectionError: Max retries exceeded", 1),
    ],
    ids=["skips", "fails"],
)
def test_a_service_that_does_not_answer_is_told_and_fails_nothing(
    run: Any, stdout: str, stderr: str, status: int
) -> None:
    found, told = run(stdout, stderr, status)
    assert found == 0
    assert "NOT AUDITED" in told


def test_a_tool_that_fails_otherwise_fails(run: Any) -> None:
    status, told = run("", "error: unrecognized arguments", 2)
    assert status == 1
    assert "unrecognized arguments" in told


def test_every_lock_is_audited() -> None:
    ignored = {".venv", ".cache"}
    locks = {path for path in audit.ROOT.rglob("*.lock") if not ignored & set(path.parts)}
    assert set(audit.LOCKS) == locks
