"""A catalog in which every page of the site, in every state, has something to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lintbot.model.findings import Finding, Severity
from lintbot.model.ids import RepositoryId
from lintbot.model.lint import ToolOutcome
from lintbot.model.lint_run import Conclusion, Stage, Verdict
from lintbot.model.package import EventKind, PackageEvent, Status
from lintbot.model.requirement import State
from lintbot.model.source import Explanation
from lintbot.model.summary import RunSummary
from lintbot.model.trust import Cap
from tests.support.report_fakes import FakeCatalog
from tests.support.report_values import (
    NOON,
    a_comparison,
    a_finding,
    a_job,
    a_judgement,
    a_profile,
    a_repository,
    a_run,
    a_score,
    a_sha,
    a_summary,
    a_tool,
)
from tests.support.trust_values import (
    FakePackages,
    FakeReports,
    a_dependency,
    a_project,
    a_trust_report,
    seen,
)

RULES = (
    ("pylint", "W0611", "unused-import", Severity.WARNING),
    ("flake8", "E501", "", Severity.INFO),
    ("ruff", "F821", "", Severity.ERROR),
)
RUN = f"/gh/octo/project/runs/{a_sha()}"
PAGES = (
    "/",
    "/gh/octo",
    "/gh/octo?sort=-score",
    "/gh/octo/project",
    "/gh/octo/fresh",
    "/gh/octo/running",
    "/gh/octo/unjudged",
    "/gh/octo/project/badge",
    RUN,
    f"{RUN}?show=all&severity=error",
    f"{RUN}?show=environment",
    f"{RUN}?show=all&rule=none",
    f"/gh/octo/running/runs/{a_sha('running')}",
    f"/gh/octo/unjudged/runs/{a_sha('unjudged')}",
    "/gh/octo/project/files/src/module_1.py",
    "/gh/octo/project/rules/pylint:W0611",
    "/gh/octo/project/rules/ruff:F821",
    "/compare",
    "/compare?repos=octo/project,octo/clean,octo/fresh,octo/nobody",
    "/compare?repos=nonsense",
    "/docs",
    "/docs/badge",
    "/docs/score",
    "/docs/trust",
    "/docs/what-it-is-not",
    "/docs/configuration",
    "/docs/permissions",
    "/docs/security",
    "/docs/data",
    "/pypi",
    "/pypi/flask",
    "/pypi/not-made-yet",
    "/gh/no/body",
)
"""Every kind of page; with the database out of reach there is one more."""
NOT_FOUND_PAGES = 1
"""How many of them say that there is nothing."""


def a_gallery(findings: int = 250) -> FakeCatalog:
    """Return the catalog; ``octo/project`` has so many new findings."""
    catalog = FakeCatalog()
    _add_project(catalog, findings)
    clean = a_repository(id=RepositoryId(8), name="clean")
    catalog.add(clean, a_run(a_judgement(neutral=a_profile(1000, score=a_score(1000, grade="A+")))))
    catalog.add(a_repository(id=RepositoryId(9), name="fresh"))
    running = a_run(None, stage=Stage.LINT, job=a_job(head_sha=a_sha("running")))
    undecided = replace(running, verdict=None, completed_at=None)
    catalog.add(a_repository(id=RepositoryId(10), name="running"), undecided)
    verdict = Verdict(
        conclusion=Conclusion.NEUTRAL,
        reason="The tree has more than 20,000 files, which is the limit.",
        reference="7f3a",
    )
    stopped = a_run(None, verdict, job=a_job(head_sha=a_sha("unjudged")))
    catalog.add(a_repository(id=RepositoryId(11), name="unjudged"), stopped)
    return catalog


def gallery_trust() -> FakeReports:
    """Return the trust report of ``octo/project``."""
    loud = [a_dependency(state, f"dependency-{state.value[:4].strip()}") for state in State]
    report = replace(
        a_trust_report(*loud, letter="C"),
        caps=(Cap(letter="C", reason="dependency-vani is vanished."),),
        notes=("It seeks a co-maintainer, since 2026-11-25.",),
    )
    return FakeReports({a_repository().id: report})


def gallery_packages() -> FakePackages:
    """Return what is known of ``flask``."""
    happened = [
        PackageEvent(name="flask", kind=kind, at=NOON, version="1.0", reason="because")
        for kind in EventKind
    ]
    project = a_project("1.0", "2.0", name="flask", status=Status.ARCHIVED, status_reason="old")
    return FakePackages(
        wishes={"flask": (a_trust_report(), "", False)},
        seen={"flask": seen(project)},
        told=happened,
    )


def _add_project(catalog: FakeCatalog, findings: int) -> None:
    new = tuple(_a_finding(number) for number in range(1, findings + 1))
    comparison = a_comparison(
        new=new,
        unchanged=tuple(_a_finding(number) for number in range(9000, 9040)),
        fixed=(a_finding(8001, path="src/old.py"),),
        environment=(a_finding(8002, code="E0401", message="Unable to import 'numpy'"),),
    )
    tools = (
        a_tool(notices=("pyproject.toml: unknown option 'max-lines'",)),
        a_tool(tool="flake8", version="7.5.0", config_path=None, failed_files=("src/bad.py",)),
        a_tool(
            tool="ruff",
            version="0.17.6",
            outcome=ToolOutcome.TIMED_OUT,
            reason="it took longer than 60 seconds",
        ),
    )
    judgement = a_judgement(
        comparison,
        score=a_score(partial=True),
        tools=tools,
        neutral=a_profile(),
        skipped=("1 symbolic link was left out",),
    )
    repository = a_repository()
    catalog.add(repository, a_run(judgement))
    catalog.summaries[repository.id] = [_a_summary(number) for number in range(30)] + [
        a_summary(31, branch="feature/a-branch-with-a-long-name-" + "x" * 40)
    ]
    for path in {it.path for it in comparison.new + comparison.unchanged}:
        catalog.excerpts.setdefault(a_sha(), {})[path] = {
            number: f"    value_{number} = compute({number})  # {'…' * (number % 90)}"
            for number in range(1, findings + 3)
        }
    catalog.explanations = [
        Explanation(
            tool="pylint",
            version="4.1.4",
            code="W0611",
            name="unused-import",
            summary="Unused %s",
            text="Used when an imported module or variable is not used.",
            markdown=False,
        ),
        Explanation(
            tool="ruff",
            version="0.17.6",
            code="F821",
            name="undefined-name",
            summary="Undefined name `{name}`",
            text="## What it does\nChecks for undefined names.\n\n```python\nprint(nme)\n```\n",
            markdown=True,
        ),
    ]


def _a_finding(number: int) -> Finding:
    tool, code, symbol, severity = RULES[number % 3]
    return a_finding(
        number,
        tool=tool,
        code=code,
        symbol=symbol,
        severity=severity,
        path=f"src/{'a_long_folder_name/' * (number % 5 // 4)}module_{number % 90}.py",
        message=f"finding {number}; " + "unbroken" * (number % 20),
    )


def _a_summary(number: int) -> RunSummary:
    return a_summary(
        number,
        sha=a_sha() if number == 0 else a_sha(str(number)),
        score=a_score(942 - (number * 37) % 211, partial=number == 0),
        versions={"pylint": "4.1.4" if number < 12 else "4.0.0", "flake8": "7.5.0"},
        conclusion=Conclusion.FAILURE if number % 4 == 0 else Conclusion.SUCCESS,
        new=0 if number % 4 else number,
        received_at=NOON - timedelta(hours=9 * number),
    )
