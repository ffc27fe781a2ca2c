"""Holds the locked dependencies against the known vulnerabilities, by pip-audit: `make audit`.

Its service cannot be reached from everywhere. Then it is said that nothing is known, and the exit status is 0: no
answer is no finding. A finding, or a pip-audit that fails in another way, is status 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = (*sorted(ROOT.glob("requirements*.lock")), ROOT / "fuzz" / "requirements.lock", ROOT / "tools" / "audit.lock")
SECONDS = 300

# what pip-audit's traceback ends with where its service is not reached
_NO_ANSWER = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ProxyError", "ServiceError", "HTTPError")


def verdict(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit status and what to say for a report of pip-audit (`--format json`)."""
    packages = report["dependencies"]
    unknown = [each for each in packages if "skip_reason" in each]
    findings = [
        f"{each['name']} {each['version']}: {fault['id']}"
        + (f" ({', '.join(fault['aliases'])})" if fault.get("aliases") else "")
        + (f"; mended in {', '.join(fault['fix_versions'])}" if fault["fix_versions"] else "; no version mends it yet")
        for each in packages
        for fault in each.get("vulns", [])
    ]
    known = len(packages) - len(unknown)
    told = [f"{known} of {len(packages)} locked packages held against the known vulnerabilities: {len(findings)} found"]
    if unknown:
        told.append(f"NOT AUDITED: {len(unknown)}, as the vulnerability service does not know them or is not reached")
        told.append(f"  the first: {unknown[0]['name']}: {unknown[0]['skip_reason']}")
    return (1 if findings else 0), told + findings


def main(pip_audit: str) -> int:
    """Run pip-audit on the locks; returns the exit status."""
    asked = [pip_audit, "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    for lock in LOCKS:
        asked += ["--requirement", str(lock)]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"NOT AUDITED: the vulnerability service has not answered in {SECONDS} s; nothing is known")
        return 0
    if done.stdout.startswith("{"):
        status, told = verdict(json.loads(done.stdout))
        print("\n".join(told))
        return status
    last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    if any(name in done.stderr for name in _NO_ANSWER):
        print(f"NOT AUDITED: the vulnerability service is not reached; nothing is known. It said: {last[:300]}")
        return 0
    print(f"pip-audit failed: {last}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
