"""Shell: check runs: https://docs.github.com/en/rest/checks/runs ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lintbot.errors import TransientError
from lintbot.github.access import ScopedAccess
from lintbot.github.errors import RateLimitedError, UnknownCommitError
from lintbot.model.actions import Button
from lintbot.model.check_run import CHECK_RUN_NAME, Annotation, Output, PostedCheckRun
from lintbot.model.ids import LintRunId, Sha
from lintbot.model.lint_run import Conclusion
from lintbot.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRuns:
    """Check runs of one repository.

    Attributes:
        app_id: ours; other Apps' check runs may have the same name.
    """

    access: ScopedAccess
    app_id: int
    clock: Clock

    async def create(self, run_id: LintRunId, sha: Sha, details_url: str) -> PostedCheckRun:
        """Create a check run, or return the one that a lost answer was about.

        GitHub makes a second one when it is asked a second time, so an uncertain end is cleared
        up by looking before anybody asks again.
        """
        wanted = {
            "name": CHECK_RUN_NAME,
            "head_sha": sha,
            "external_id": run_id,
            "details_url": details_url,
            "status": "queued",
        }
        try:
            return _posted(await self.access.post("/check-runs", wanted))
        except (RateLimitedError, UnknownCommitError):
            raise  # It was refused, so nothing was made.
        except TransientError:
            found = await self.find(run_id, sha)
            if found is None:
                raise
            return found

    async def find(self, run_id: LintRunId, sha: Sha) -> PostedCheckRun | None:
        """Find ours by its ``external_id``; the first, should there be several, and its twins."""
        runs = await self.access.pages(
            "/commits/{ref}/check-runs{?check_name,filter,app_id,per_page}",
            "check_runs",
            ref=sha,
            check_name=CHECK_RUN_NAME,
            filter="all",
            app_id=str(self.app_id),
            per_page="100",
        )
        ours = [r for r in runs if r["external_id"] == run_id and self._is_ours(r)]
        if not ours:
            return None
        first, *others = sorted(ours, key=lambda r: int(r["id"]))
        twins = tuple(r["id"] for r in others if r["status"] != "completed")
        return replace(_posted(first), twins=twins)

    async def start(self, check_run_id: int, output: Output) -> None:
        """Show it as ``in_progress``."""
        started = {"status": "in_progress", "started_at": _stamp(self.clock.now())}
        await self._patch(check_run_id, {**started, "output": _output(output)})

    async def update(
        self,
        check_run_id: int,
        output: Output,
        annotations: tuple[Annotation, ...],
        conclusion: Conclusion | None,
    ) -> None:
        """Append annotations; with a conclusion, complete it. Buttons show once it is completed."""
        change: dict[str, Any] = {"output": _output(output)}
        if annotations:
            change["output"]["annotations"] = [_annotation(a) for a in annotations]
        if conclusion is not None:
            change |= {
                "status": "completed",
                "conclusion": conclusion.value,
                "completed_at": _stamp(self.clock.now()),
            }
        if output.buttons:
            change["actions"] = [_button(button) for button in output.buttons]
        await self._patch(check_run_id, change)

    async def _patch(self, check_run_id: int, change: dict[str, Any]) -> None:
        await self.access.patch("/check-runs/{id}", change, id=str(check_run_id))

    def _is_ours(self, run: dict[str, Any]) -> bool:
        app = run.get("app") or {}
        return bool(app.get("id") == self.app_id)


def _posted(run: dict[str, Any]) -> PostedCheckRun:
    return PostedCheckRun(
        id=run["id"],
        status=run["status"],
        annotations_count=run["output"]["annotations_count"],
    )


def _output(output: Output) -> dict[str, Any]:
    return {"title": output.title, "summary": output.summary, "text": output.text}


def _button(button: Button) -> dict[str, str]:
    return {
        "label": button.label,
        "description": button.description,
        "identifier": button.action.value,
    }


def _annotation(annotation: Annotation) -> dict[str, Any]:
    """Return GitHub's form; it refuses columns unless the annotation is on one line."""
    content: dict[str, Any] = {
        "path": annotation.path,
        "start_line": annotation.start_line,
        "end_line": annotation.end_line,
        "annotation_level": annotation.level,
        "title": annotation.title,
        "message": annotation.message,
    }
    if annotation.start_line == annotation.end_line:
        if annotation.start_column is not None:
            content["start_column"] = annotation.start_column
        if annotation.end_column is not None:
            content["end_column"] = annotation.end_column
    return content


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
