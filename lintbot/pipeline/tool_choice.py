"""Shell: with which tool set each group runs: what it asks for, or the server's own and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lintbot.errors import ToolSetError
from lintbot.model.known_tools import Requirements
from lintbot.model.lint import ToolReport
from lintbot.pipeline.plan import Group
from lintbot.pipeline.tools.config_files import ConfigFiles
from lintbot.pipeline.wishes import Wish, read_wish, with_toml_of_plugin
from lintbot.ports import ToolSets

Like = Mapping[tuple[str, str], Requirements]
"""Tool and root to what they ran with in another tree; empty requirements: the server's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How one group is run.

    Attributes:
        tool_set: for ``SandboxJob.tool_set``.
        requirements: what it runs with; empty: the server's own tool without plugins.
        missing: plugins that were asked for and are not there.
        notices: plain sentences about all this.
    """

    group: Group
    version: str
    tool_set: str = ""
    requirements: Requirements = ()
    plugins: tuple[str, ...] = ()
    pinned_by: str = ""
    missing: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def sign(self, report: ToolReport) -> ToolReport:
        """Return a report that says what its tool ran with."""
        return replace(
            report,
            version=self.version,
            requirements=self.requirements,
            plugins=self.plugins,
            pinned_by=self.pinned_by,
            missing=tuple(dict.fromkeys((*self.missing, *report.missing))),
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

    async def choose(self, group: Group, configs: ConfigFiles, like: Like) -> Choice:
        """Choose for one group: as another tree was run, else as this one asks."""
        own = self.versions.get(group.tool.name, "unknown")
        key = (group.tool.name, group.root)
        if self.tool_sets is None or (key in like and not like[key]):
            return Choice(group=group, version=own)
        wish = read_wish(group, configs, own)
        if key in like:
            wish = replace(wish, requirements=like[key])
        if wish.requirements == (f"{group.tool.name}=={own}",):
            return Choice(group=group, version=own, pinned_by=wish.pinned_by, notices=wish.notices)
        try:
            found = await self.tool_sets.find(wish.requirements, self.wait_seconds)
        except ToolSetError as error:
            return _fall_back(group, own, wish, str(error))
        names = [it.partition("==")[0] for it in wish.requirements]
        return Choice(
            group=with_toml_of_plugin(group, wish.requirements, configs),
            version=found.versions[names[0]],
            tool_set=found.key,
            requirements=wish.requirements,
            plugins=tuple(f"{name} {found.versions[name]}" for name in names[1:]),
            pinned_by=wish.pinned_by,
            notices=wish.notices,
        )


def _fall_back(group: Group, own: str, wish: Wish, why: str) -> Choice:
    asked, *plugins = (it.replace("==", " ") for it in wish.requirements)
    words = asked if wish.pinned_by else f"{group.tool.name} {own}"
    if plugins:
        words += f" with {', '.join(plugins)}"
    by = f", which {wish.pinned_by} pins" if wish.pinned_by else ""
    notice = f"{words}{by}, could not be used: {why}. This run used {group.tool.name} {own} alone."
    return Choice(
        group=group,
        version=own,
        missing=tuple(it.partition(" ")[0] for it in plugins),
        notices=(*wish.notices, notice),
    )
