"""Shell: runs the tools over one checkout through the sandbox; the same tree, the same result."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

from lintbot.model.findings import Finding
from lintbot.model.lint import LintResult, ToolReport
from lintbot.model.neutral import NeutralProfile
from lintbot.pipeline.config_doctor import Diagnosis, examine
from lintbot.pipeline.fingerprint import in_order, with_fingerprints
from lintbot.pipeline.giving_way import GivingWay
from lintbot.pipeline.group_run import GroupRun
from lintbot.pipeline.measure import measure
from lintbot.pipeline.modules import find_local_modules
from lintbot.pipeline.plan import Group, digest_configs, plan_groups
from lintbot.pipeline.score import count_code_lines
from lintbot.pipeline.sources import read_sources
from lintbot.pipeline.tool_choice import ToolChooser, like
from lintbot.pipeline.tools.registry import choose_tools
from lintbot.pipeline.tools.tool import Tree
from lintbot.ports import Checkout, Memory, Sandbox, ToolSets

RUNS_AT_ONCE = 3
"""Linter processes of one tree side by side. One of them is never a slow tool's, so that what the
quick ones say is known soon, and whatever becomes of the others."""
RESULT_FORMAT = 8
"""One more whenever parsing, fingerprints or severities change: old results are not reused."""

OnPart = Callable[[LintResult, tuple[str, ...]], None]
"""Is told what the tools said that have ended, and which tools still run."""
_Ended = tuple[ToolReport, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linter:
    """Lints checkouts.

    Attributes:
        versions: tool name to version, as they are in the sandbox.
        python_version: of the interpreter in the sandbox.
        tool_sets: other versions, and plugins; None: there are none.
        wait_seconds: for one of them to be prepared, before the server's own is used.
    """

    sandbox: Sandbox
    versions: Mapping[str, str]
    python_version: str
    tool_sets: ToolSets | None = None
    wait_seconds: float = 0.0

    @property
    def results_key(self) -> str:
        """Return under which key results may be reused: lintbot's rules and all versions."""
        text = repr((RESULT_FORMAT, sorted(self.versions.items()), self.python_version))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def giving_way(self) -> Linter:
        """Return a linter that has the processors only while nobody else wants them."""
        return replace(self, sandbox=GivingWay(self.sandbox))

    async def lint_tree(  # noqa: PLR0913  each is one decision of the caller
        self,
        checkout: Checkout,
        budget_seconds: float,
        on_part: OnPart | None = None,
        memory: Memory | None = None,
        *,
        as_in: LintResult | None = None,
        only: Collection[str] = (),
    ) -> LintResult:
        """Run every tool that applies, side by side, and put their findings together.

        Args:
            checkout: the tree.
            budget_seconds: for everything together.
            on_part: called whenever a tool has ended while others still run.
            memory: of earlier runs over the same repository; the result does not depend on it.
            as_in: another tree's result, to be compared with this one: its versions are used.
            only: tools to run, without the neutral profile; empty: all, with it.

        Raises:
            SandboxUnavailableError: no sandbox holds, so nothing was run.
        """
        found = await asyncio.to_thread(read_sources, checkout)
        sources, configs, settings = found.files, found.configs, found.settings
        allowed_seconds = settings.settings.timeout_seconds or budget_seconds
        deadline = time.monotonic() + min(budget_seconds, allowed_seconds)
        tree = Tree(
            root=str(checkout.root),
            line_counts={path: max(len(lines), 1) for path, lines in sources.items()},
            local_modules=find_local_modules((*sources, *found.excluded)),
        )
        tools = choose_tools(settings.settings.switched_on, settings.settings.switched_off)
        tools = tuple(it for it in tools if not only or it.name in only)
        groups = plan_groups(sources, configs, tools=tools, excluded=found.excluded)
        chooser = ToolChooser(
            versions=self.versions, tool_sets=self.tool_sets, wait_seconds=self.wait_seconds
        )
        as_there = like(as_in)
        code_lines = sum(count_code_lines(lines) for lines in sources.values())
        empty = LintResult(
            findings=(),
            tools=(),
            python_files=len(sources),
            code_lines=code_lines,
            config_digest=digest_configs(configs, groups),
            python_version=self.python_version,
            skipped=checkout.skipped,
            settings=settings,
            excluded_files=len(found.excluded),
        )
        turns, slow_turns = asyncio.Semaphore(RUNS_AT_ONCE), asyncio.Semaphore(RUNS_AT_ONCE - 1)
        ended: dict[int, _Ended] = {}

        async def run(number: int, group: Group) -> None:
            async with slow_turns if group.tool.slow else nullcontext(), turns:
                choice = await chooser.choose(group, configs, found.pins, as_there)
                runner = GroupRun(
                    group=choice.group,
                    tree=replace(tree, folder=group.root),
                    deadline=deadline,
                    sandbox=self.sandbox,
                    tool_set=choice.tool_set,
                    # Only the server's own versions know how to leave out what cannot have changed.
                    memory=None if choice.tool_set else memory,
                )
                report, said = await runner.run()
            # Only a tool's own findings can be equal, and no other group of it has these files.
            said = await asyncio.to_thread(with_fingerprints, said, sources)
            diagnosis = examine(choice.group, groups, configs, choice.plugins)
            ended[number] = choice.sign(_with(diagnosis, report)), said
            running = {it.tool.name: None for n, it in enumerate(groups) if n not in ended}
            if on_part is not None and running:
                on_part(_fill(empty, ended), tuple(running))

        async def measure_all() -> NeutralProfile | None:
            if only:
                return None
            return await measure(
                self.sandbox,
                checkout,
                ruff_version=self.versions.get("ruff", "unknown"),
                code_lines=code_lines + found.excluded_code_lines,
                seconds=deadline - time.monotonic(),
            )

        slow_first = sorted(enumerate(groups), key=lambda it: not it[1].tool.slow)
        _, neutral = await asyncio.gather(
            asyncio.gather(*(run(number, group) for number, group in slow_first)),
            measure_all(),
        )
        return replace(_fill(empty, ended), neutral=neutral)


def _with(diagnosis: Diagnosis, report: ToolReport) -> ToolReport:
    return replace(
        report,
        notices=(*diagnosis.notices, *report.notices),
        missing=(*diagnosis.missing, *report.missing),
    )


def _fill(empty: LintResult, ended: Mapping[int, _Ended]) -> LintResult:
    """Return the result of what has ended, in the order of the plan, whatever ended first."""
    parts = [ended[number] for number in sorted(ended)]
    return replace(
        empty,
        findings=in_order(f for _, said in parts for f in said),
        tools=tuple(report for report, _ in parts),
    )
