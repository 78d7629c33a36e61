"""Pure: the tiers, strongest first, and the layers of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """How untrusted code is held."""

    A = "A"
    B = "B"
    C = "C"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierLayers:
    """What a tier is made of; rlimits and the bounded streams are in every one.

    Attributes:
        bubblewrap: the server runs in own namespaces with a read-only view of few folders.
        landlock: each job loses every file right but reading the checkout and the linters.
        seccomp: each job loses every system call but those that read and compute.
        shared: one warm server for many jobs; else a fresh one for each.
        words: one line for ``lintbot doctor``.
    """

    bubblewrap: bool
    landlock: bool
    seccomp: bool
    shared: bool
    words: str


LAYERS = {
    Tier.A: TierLayers(
        bubblewrap=True,
        landlock=True,
        seccomp=True,
        shared=True,
        words="namespaces (bubblewrap), Landlock, system call filter, resource limits",
    ),
    Tier.B: TierLayers(
        bubblewrap=True,
        landlock=False,
        seccomp=True,
        shared=False,
        words="namespaces (bubblewrap) for each job, system call filter, resource limits",
    ),
    Tier.C: TierLayers(
        bubblewrap=False,
        landlock=True,
        seccomp=True,
        shared=True,
        words="Landlock, system call filter, resource limits; no namespaces",
    ),
    Tier.NONE: TierLayers(
        bubblewrap=False,
        landlock=False,
        seccomp=False,
        shared=True,
        words="resource limits only: for code you trust",
    ),
}


def parse_mode(mode: str) -> tuple[Tier, ...]:
    """Return the tiers to try, in order, for ``auto``, ``A``, ``B``, ``C`` or ``none``.

    Raises:
        ValueError: it is none of these.
    """
    if mode.lower() == "auto":
        return (Tier.A, Tier.B, Tier.C)
    for tier in Tier:
        if mode.lower() == tier.lower():
            return (tier,)
    raise ValueError(f"the sandbox is auto, A, B, C or none, not {mode!r}")
