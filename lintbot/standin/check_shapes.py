"""Shell: check runs and check suites as GitHub's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lintbot.standin.git import Commit
from lintbot.standin.pull_shapes import simple_commit, small_pull
from lintbot.standin.shapes import Shapes, node_id, stamp
from lintbot.standin.state import CheckRun, CheckSuite, Repository
from lintbot.standin.world import World

_WORST_FIRST = ("action_required", "cancelled", "timed_out", "failure")


@dataclass(frozen=True, slots=True)
class CheckShapes:
    """Makes GitHub's JSON of checks."""

    shapes: Shapes
    world: World

    def run(self, run: CheckRun) -> dict[str, Any]:
        """``check-run``."""
        api = f"{self._repository(run.suite.repository)}/check-runs/{run.id}"
        html = f"{self.shapes.at.web}/{run.suite.repository.full_name}/runs/{run.id}"
        return {
            "id": run.id,
            "name": run.name,
            "node_id": node_id("CR_", run.id),
            "head_sha": run.head_sha,
            "external_id": run.external_id,
            "url": api,
            "html_url": html,
            "details_url": run.details_url or html,
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": run.started_at,
            "completed_at": run.completed_at,
            "output": {
                "title": run.title,
                "summary": run.summary,
                "text": run.text,
                "annotations_count": len(run.annotations),
                "annotations_url": f"{api}/annotations",
            },
            "check_suite": {"id": run.suite.id},
            "app": self.shapes.app(run.suite.app),
            "pull_requests": self._pulls(run.suite),
        }

    def run_in_event(self, run: CheckRun) -> dict[str, Any]:
        """``check-run-with-simple-check-suite``."""
        suite = self._suite(run.suite)
        return {**self.run(run), "check_suite": {**suite, "app": self.shapes.app(run.suite.app)}}

    def annotations(self, run: CheckRun) -> list[dict[str, Any]]:
        """``check-annotation``, in the order in which they were sent."""
        web = f"{self.shapes.at.web}/{run.suite.repository.full_name}/blob/{run.head_sha}"
        optional = ("start_column", "end_column", "title", "raw_details")
        return [
            {**dict.fromkeys(optional), **annotation, "blob_href": f"{web}/{annotation['path']}"}
            for annotation in run.annotations
        ]

    def suite(self, suite: CheckSuite, head: Commit) -> dict[str, Any]:
        """``check-suite``."""
        return {
            **self.suite_in_event(suite, head),
            "repository": self.shapes.repository(suite.repository),
        }

    def suite_in_event(self, suite: CheckSuite, head: Commit) -> dict[str, Any]:
        """As in ``check_suite`` events."""
        runs = self._latest(suite)
        return {
            **self._suite(suite),
            "app": self.shapes.app(suite.app),
            "latest_check_runs_count": len(runs),
            "check_runs_url": f"{self._suite_url(suite)}/check-runs",
            "head_commit": simple_commit(head),
            "rerequestable": True,
            "runs_rerequestable": True,
        }

    def _suite(self, suite: CheckSuite) -> dict[str, Any]:
        runs = self._latest(suite)
        return {
            "id": suite.id,
            "node_id": node_id("CS_", suite.id),
            "head_branch": suite.head_branch,
            "head_sha": suite.head_sha,
            "status": _status(runs),
            "conclusion": _conclusion(runs),
            "url": self._suite_url(suite),
            "before": suite.before,
            "after": suite.head_sha,
            "pull_requests": self._pulls(suite),
            "created_at": stamp(suite.created_at),
            "updated_at": stamp(suite.updated_at),
        }

    def _latest(self, suite: CheckSuite) -> list[CheckRun]:
        return latest(r for r in self.world.runs.values() if r.suite is suite)

    def _pulls(self, suite: CheckSuite) -> list[dict[str, Any]]:
        pulls = self.world.pulls_at(suite.repository, suite.head_sha)
        return [small_pull(self.shapes, pull) for pull in pulls]

    def _repository(self, repository: Repository) -> str:
        return f"{self.shapes.at.api}/repos/{repository.full_name}"

    def _suite_url(self, suite: CheckSuite) -> str:
        return f"{self._repository(suite.repository)}/check-suites/{suite.id}"


def latest(runs: Iterable[CheckRun]) -> list[CheckRun]:
    """Return the newest check run of each name and suite: what a commit's page shows."""
    newest = {(run.suite.id, run.name): run for run in sorted(runs, key=lambda run: run.id)}
    return sorted(newest.values(), key=lambda run: run.id, reverse=True)


def _status(runs: list[CheckRun]) -> str:
    if not runs:
        return "queued"
    if all(run.status == "completed" for run in runs):
        return "completed"
    return "in_progress" if any(run.status != "queued" for run in runs) else "queued"


def _conclusion(runs: list[CheckRun]) -> str | None:
    if _status(runs) != "completed":
        return None
    seen = {run.conclusion for run in runs}
    return next((word for word in _WORST_FIRST if word in seen), "success")
