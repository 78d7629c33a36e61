"""The attacks, by class."""

from . import files, kernel, network, processes, resources  # noqa: F401  # they register themselves
from .registry import ATTACKS, carry_out  # noqa: F401
