"""Shell: with which tool set each group runs: what it asks for, or the server's own and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lintbot.errors import ToolSetError
from lintbot.model.known_tools import Kit
from lintbot.model.lint import LintResult, ToolReport
from lintbot.pipeline.pins import Pin
from lintbot.pipeline.plan import Group
from lintbot.pipeline.tools.config_files import ConfigFiles
from lintbot.pipeline.wishes import Wish, read_wish, with_toml_of_plugin
from lintbot.ports import ToolSets

NO_SETS = "this server asks no package index"
Like = Mapping[tuple[str, str], Kit]
"""Tool and root to what they ran with in another tree; an empty kit: the server's own."""


def like(result: LintResult | None) -> Like:
    """Return what the tools of a result ran with."""
    return {(it.tool, it.root): it.kit for it in result.tools} if result else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How one group is run.

    Attributes:
        tool_set: for ``SandboxJob.tool_set``.
        kit: what it runs with; empty: the server's own tool without plugins.
        plugins: of the kit: their names, and each with its version.
        missing: plugins that were asked for and are not there.
        makeshift: what was asked for is not there, and may be there later.
        notices: plain sentences about all this.
    """

    group: Group
    version: str
    tool_set: str = ""
    kit: Kit = ()
    plugins: Mapping[str, str]
    pinned_by: str = ""
    missing: tuple[str, ...] = ()
    makeshift: bool = False
    notices: tuple[str, ...] = ()

    def sign(self, report: ToolReport) -> ToolReport:
        """Return a report that says what its tool ran with."""
        return replace(
            report,
            version=self.version,
            kit=self.kit,
            plugins=tuple(f"{name} {version}" for name, version in self.plugins.items()),
            pinned_by=self.pinned_by,
            missing=tuple(dict.fromkeys((*self.missing, *report.missing))),
            makeshift=self.makeshift,
            notices=(*self.notices, *report.notices),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolChooser:
    """Chooses tool sets.

    Attributes:
        versions: the server's own, by tool.
        tool_sets: prepares others; None: there are only the server's own.
        wait_seconds: for one to be prepared; it goes on in the background.
    """

    versions: Mapping[str, str]
    tool_sets: ToolSets | None
    wait_seconds: float

    async def choose(
        self, group: Group, configs: ConfigFiles, pins: tuple[Pin, ...], as_there: Like
    ) -> Choice:
        """Choose for one group: as another tree was run, else as this one asks."""
        own = self.versions.get(group.tool.name, "unknown")
        key = (group.tool.name, group.root)
        if key in as_there and not as_there[key]:
            return Choice(group=group, version=own, plugins={})
        wish = read_wish(group, configs, pins, own)
        if key in as_there:
            wish = replace(wish, kit=as_there[key])
        if wish.kit == (f"{group.tool.name}=={own}",):
            return Choice(
                group=group,
                version=own,
                plugins={},
                pinned_by=wish.pinned_by,
                notices=wish.notices,
            )
        if self.tool_sets is None:
            return replace(_fall_back(group, own, wish, NO_SETS), makeshift=False)
        try:
            found = await self.tool_sets.find(wish.kit, self.wait_seconds)
        except ToolSetError as error:
            return _fall_back(group, own, wish, str(error))
        tool, *plugins = (it.partition("==")[0] for it in wish.kit)
        return Choice(
            group=with_toml_of_plugin(group, wish.kit, configs),
            version=found.versions[tool],
            tool_set=found.key,
            kit=wish.kit,
            plugins={name: found.versions[name] for name in plugins},
            pinned_by=wish.pinned_by,
            notices=wish.notices,
        )


def _fall_back(group: Group, own: str, wish: Wish, why: str) -> Choice:
    asked, *plugins = (it.replace("==", " ") for it in wish.kit)
    words = asked if wish.pinned_by else f"{group.tool.name} {own}"
    if plugins:
        words += f" with {', '.join(plugins)}"
    by = f", which {wish.pinned_by} pins" if wish.pinned_by else ""
    notice = f"{words}{by}, could not be used: {why}. This run used {group.tool.name} {own} alone."
    return Choice(
        group=group,
        version=own,
        plugins={},
        # pylint itself names what it cannot load.
        missing=tuple(it.partition(" ")[0] for it in plugins if group.tool.name != "pylint"),
        makeshift=True,
        notices=(*wish.notices, notice),
    )
