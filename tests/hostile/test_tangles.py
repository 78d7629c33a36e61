"""Whatever changes in a random tangle of files, the findings are those of a run from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.conftest import OpenSandbox
from tests.hostile.remembering import lint, open_memory, write
from tests.support.tangles import Tangle

pytestmark = pytest.mark.timeout(300)

STEPS = 5
PYLINT = ("pylint",)


@pytest.mark.parametrize("circles", [False, True], ids=["no circles", "circles"])
async def test_a_changed_tangle_has_the_findings_of_a_fresh_run(
    open_sandbox: OpenSandbox, checkout: Path, tmp_path: Path, *, circles: bool
):
    """Where files import one another in a circle, plain pylint's own findings hang on their order.

    ``benchmarks/tangle.py`` goes on with other seeds for as long as one likes.
    """
    differing = []
    async with open_sandbox("auto", warm=True) as sandbox:
        for seed in map(str, range(8)):
            tangle, root = Tangle(seed, circles=circles), checkout / seed
            memory = open_memory(tmp_path / seed)
            for step in range(STEPS):
                laid_out = write(root, tangle.change() if step else tangle.files)
                nothing = open_memory(tmp_path / f"{seed}-{step}") if circles else None
                found = await lint(sandbox, laid_out, memory, only=PYLINT)
                if found != await lint(sandbox, laid_out, nothing, only=PYLINT):
                    differing.append((seed, step))
    assert differing == []
