"""Pure: what the stages ask of the world. Adapters implement these; ``wiring`` joins them."""

from __future__ import annotations

from lintbot.ports.billing import Biller, Plans, WithheldRun
from lintbot.ports.clock import Clock
from lintbot.ports.desk import BadgeTokens, Eraser
from lintbot.ports.forge import Forge, GitSource, OpenPull, Target
from lintbot.ports.handlers import Handlers
from lintbot.ports.histories import Histories
from lintbot.ports.lint_runs import (
    Attempts,
    Backlog,
    Baselines,
    Inbox,
    LintRuns,
    Patches,
    Unposted,
)
from lintbot.ports.memory import Memories, Memory
from lintbot.ports.pages import Catalog, Explanations, Reports
from lintbot.ports.people import People, Seal, SignIn
from lintbot.ports.recovery import Census, DeliveryLog, RecoveryBook
from lintbot.ports.sandbox import (
    AGAIN,
    PLAIN,
    Ending,
    Profile,
    Sandbox,
    SandboxJob,
    SandboxResult,
    ToolSet,
    ToolSets,
)
from lintbot.ports.trees import Checkout, PatchMaker, Trees
from lintbot.ports.trust import (
    Index,
    KnownAdvisories,
    OpenFolder,
    PackageCatalog,
    PackageReports,
    Packages,
    TrustReports,
    Unpack,
)

__all__ = [
    "AGAIN",
    "PLAIN",
    "Attempts",
    "Backlog",
    "BadgeTokens",
    "Baselines",
    "Biller",
    "Catalog",
    "Census",
    "Checkout",
    "Clock",
    "DeliveryLog",
    "Ending",
    "Eraser",
    "Explanations",
    "Forge",
    "GitSource",
    "Handlers",
    "Histories",
    "Inbox",
    "Index",
    "KnownAdvisories",
    "LintRuns",
    "Memories",
    "Memory",
    "OpenFolder",
    "OpenPull",
    "PackageCatalog",
    "PackageReports",
    "Packages",
    "PatchMaker",
    "Patches",
    "People",
    "Plans",
    "Profile",
    "RecoveryBook",
    "Reports",
    "Sandbox",
    "SandboxJob",
    "SandboxResult",
    "Seal",
    "SignIn",
    "Target",
    "ToolSet",
    "ToolSets",
    "Trees",
    "TrustReports",
    "Unpack",
    "Unposted",
    "WithheldRun",
]
