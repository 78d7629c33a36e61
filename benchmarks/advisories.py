"""Reading all advisories: ``python -m benchmarks.advisories [RECORDS]``.

A synthetic ``all.zip`` as large as the real one: half of the records are of malicious packages
(every version, a long text), the others have ranges and name each affected version one by one, as
the real ones do. It is written by another process, so that the memory is that of the reader.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lintbot.index.osv import read_records
from lintbot.trust.local_advisories import LocalAdvisories
from lintbot.trust.news import find_news

PACKAGES = 3_000
"""That have advisories of flaws; each malicious package has one of its own."""
TEXT = "An attacker who controls the input may read what is not theirs. " * 40
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def a_flaw(number: int) -> dict[str, Any]:
    """Return an advisory with two ranges and the 60 versions in them."""
    major = number % 7 + 1
    versions = [f"{m}.{minor}.{patch}" for m in (major, major + 1) for minor in range(6)
                for patch in range(5)]  # fmt: skip
    events = [
        {"introduced": f"{major}.0.0"},
        {"fixed": f"{major}.6.0"},
        {"introduced": f"{major + 1}.0.0"},
        {"fixed": f"{major + 1}.6.0"},
    ]
    record = a_record(f"GHSA-{number:04x}-flaw-0000", f"package-{number % PACKAGES}")
    record["aliases"] = [f"CVE-2026-{number}", f"PYSEC-2026-{number}"]
    git = {"type": "GIT", "repo": "https://git.example/x", "events": [{"introduced": "0" * 40}]}
    affected = record["affected"][0]
    affected |= {"versions": versions, "ranges": [{"type": "ECOSYSTEM", "events": events}, git]}
    return record


def a_malicious(number: int) -> dict[str, Any]:
    """Return the advisory of a malicious package: all of its versions."""
    record = a_record(f"MAL-2026-{number}", f"malicious-{number}")
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    record["affected"][0] |= {"versions": ["0.0.1", "0.0.2", "1.0.0"], "ranges": ranges}
    return record


def a_record(identifier: str, name: str) -> dict[str, Any]:
    """Return what both have."""
    return {
        "schema_version": "1.7.0",
        "id": identifier,
        "summary": f"{name} lets attackers read what is not theirs",
        "details": TEXT,
        "modified": "2026-10-01T00:00:00Z",
        "published": "2026-10-01T00:00:00Z",
        "references": [{"type": "WEB", "url": f"https://example.org/{n}"} for n in range(8)],
        "affected": [{"package": {"ecosystem": "PyPI", "name": name}}],
    }


def write(path: Path, records: int) -> None:
    """Write the archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as whole:
        for number in range(records):
            record = a_flaw(number) if number % 2 else a_malicious(number)
            whole.writestr(f"{record['id']}.json", json.dumps(record))


def memory_mib() -> float:
    """Return the most memory this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(records: int) -> None:
    """Read so many records twice: a worker holds the old ones until the new ones are read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "all.zip")
        writer = multiprocessing.get_context("spawn").Process(target=write, args=(path, records))
        writer.start()
        writer.join()
        print(f"{records:,} advisories, {path.stat().st_size / 2**20:.0f} MiB of ZIP\n")
        print("| step | seconds | CPU s | most MiB so far |\n|---|---|---|---|")
        print(f"| start | | | {memory_mib():.0f} |")
        local = LocalAdvisories(path, read_records)
        for step in ("first reading", "second reading"):
            begun, cpu = time.perf_counter(), time.process_time()
            path.touch()
            local.refresh()
            _tell(step, begun, cpu)
        begun, cpu = time.perf_counter(), time.process_time()
        news = find_news(local.by_name, set(), NOW)
        _tell("comparing with what is known: nothing", begun, cpu)
        begun, cpu = time.perf_counter(), time.process_time()
        assert find_news(local.by_name, set(news.learned), NOW).learned == ()
        _tell("comparing with what is known: all", begun, cpu)


def _tell(step: str, begun: float, cpu: float) -> None:
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(f"| {step} | {seconds:.1f} | {cpu:.1f} | {memory_mib():.0f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
