"""Pure: what can be said of a commit while some of its tools still run."""

from __future__ import annotations

from collections.abc import Collection

from lintbot.model.early import EarlyFindings
from lintbot.model.ids import Sha
from lintbot.model.lint import LintResult
from lintbot.pipeline.compare import compare


def find_early(  # noqa: PLR0913  each is one fact about the commit
    part: LintResult,
    base: LintResult | None,
    *,
    baseline_sha: Sha,
    accepted: frozenset[str] = frozenset(),
    changed: Collection[str] = (),
    running: tuple[str, ...] = (),
) -> EarlyFindings:
    """Return what the verdict will not take back.

    Every tool's findings are compared apart from the others', so what is new in a part of a
    result is new in the whole.

    Args:
        part: of the commit that is judged: what the tools said that have ended.
        base: of the commit to compare with; None: not known yet.
        baseline_sha: that commit.
        accepted: fingerprints that somebody accepted.
        changed: files that differ from the commit to compare with.
        running: tools whose word is still missing.
    """
    if base is not None:
        new = compare(part, base, baseline_sha, accepted).new
        return EarlyFindings(findings=new, compared=True, running=running)
    found = (f for f in part.findings if f.path in changed and not f.environment)
    return EarlyFindings(findings=tuple(found), compared=False, running=running)
