"""Pure: the result of linting one tree: the same tree and versions give the same value."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lintbot.model.findings import Finding
from lintbot.model.known_tools import Kit
from lintbot.model.neutral import NeutralProfile
from lintbot.model.repository_settings import SettingsFile


class ToolOutcome(StrEnum):
    """How a tool ended. Everything but OK makes the score partial."""

    OK = "ok"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolReport:
    """What one tool did from one folder of a tree.

    Attributes:
        config_path: the file that configured it, relative to the repository; None for its
            defaults.
        root: the folder it was run in, relative to the repository; empty for its root.
        more_configs: files of folders below that it applied to these by itself.
        files: how many files were given to it.
        findings: how many it said, environment findings included.
        kit: the pinned version and the plugins that it ran with; empty: the server's own version,
            without plugins.
        plugins: name and version of each.
        pinned_by: the file that pins its version; empty: none does, or it could not be used.
        makeshift: what the repository asks for was not there (yet): a later run may use it.
        python: the version of Python that it was told to judge for; empty: its own choice.
        missing: plugins that its configuration asks for and that are not installed; it ran without.
        outcome: OK even when single files failed; those are in ``failed_files``.
        reason: one plain sentence when the outcome is not OK, else empty.
        failed_files: paths that this tool could not judge.
        notices: plain sentences about the configuration (unknown options, missing plugins).
    """

    tool: str
    version: str
    config_path: str | None
    outcome: ToolOutcome
    reason: str = ""
    failed_files: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    root: str = ""
    more_configs: tuple[str, ...] = ()
    files: int = 0
    findings: int = 0
    missing: tuple[str, ...] = ()
    python: str = ""
    kit: Kit = ()
    plugins: tuple[str, ...] = ()
    pinned_by: str = ""
    makeshift: bool = False

    @property
    def configs(self) -> tuple[str, ...]:
        """Every file that configured it."""
        return (*((self.config_path,) if self.config_path else ()), *self.more_configs)

    @property
    def full_version(self) -> str:
        """Its version and who chose it, its plugins, and the Python that it judged for."""
        words = (
            self.version,
            f"for Python {self.python}" if self.python else "",
            f"with {', '.join(self.plugins)}" if self.plugins else "",
            f"pinned by {self.pinned_by}" if self.pinned_by else "",
        )
        return " ".join(filter(None, words))

    @property
    def identity(self) -> Kit:
        """The tool and its plugins in their versions: only with the same one it is compared."""
        return self.kit or (f"{self.tool}=={self.version}",)

    @property
    def versions(self) -> dict[str, str]:
        """The version of the tool and of each plugin, by name."""
        plugins = (it.partition(" ") for it in self.plugins)
        return {self.tool: self.version, **{name: version for name, _, version in plugins}}

    @property
    def where(self) -> str:
        """Which run it is: ``pylint``, or ``pylint in packages/api``."""
        return f"{self.tool} in {self.root}" if self.root else self.tool

    @property
    def failed(self) -> bool:
        """Whether something was not judged that another run may judge."""
        return self.makeshift or self.outcome is not ToolOutcome.OK or bool(self.failed_files)

    @property
    def partial(self) -> bool:
        """Whether something that should have been judged was not."""
        return self.failed or bool(self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class LintResult:
    """Everything the tools said about one tree.

    Attributes:
        findings: sorted by path, line, column, tool, code; environment findings included.
        code_lines: lines of Python that are neither blank nor only a comment.
        config_digest: 16 hexadecimal digits over every configuration file that a tool read.
        skipped: why entries of the tree were left out, one plain sentence each.
        neutral: None when it was not measured: without Python, or ruff was stopped.
        settings: what the tree itself asks of lintbot.
        excluded_files: Python files that those settings leave out; they count nowhere.
    """

    findings: tuple[Finding, ...]
    tools: tuple[ToolReport, ...]
    python_files: int
    code_lines: int
    config_digest: str
    python_version: str
    skipped: tuple[str, ...] = ()
    neutral: NeutralProfile | None = None
    settings: SettingsFile = field(default_factory=SettingsFile)
    excluded_files: int = 0

    @property
    def kits(self) -> tuple[tuple[str, str, Kit], ...]:
        """What tools ran with that was not the server's own, by tool and folder."""
        return tuple((it.tool, it.root, it.kit) for it in self.tools if it.kit)

    @property
    def partial(self) -> bool:
        """Whether any tool left something out."""
        return any(tool.partial for tool in self.tools)

    @property
    def failed(self) -> bool:
        """Whether any tool left something out that another run may judge."""
        return any(tool.failed for tool in self.tools)
