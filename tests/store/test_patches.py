from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lintbot.model.ids import LintRunId
from lintbot.model.patch import Patch
from lintbot.store.backlog import KEEP_FINDINGS
from lintbot.store.patches import StoredPatches
from tests.store.conftest import Store
from tests.store.values import a_finding

PATCH = Patch(text="--- a/é.py\r\n", claims=(a_finding(),), files=1)


def test_the_first_patch_of_a_lint_run_stays_until_it_is_old(store: Store):
    patches = StoredPatches(store.database, store.clock)
    run_id = store.push(1).run_id
    assert patches.load(run_id) is None
    patches.save(run_id, PATCH)
    patches.save(run_id, replace(PATCH, files=2))
    patches.save(LintRunId("lint:9:0:1"), PATCH)
    assert patches.load(run_id) == store.catalog.load_patch(run_id) == PATCH
    assert patches.load(LintRunId("lint:9:0:1")) is None
    store.backlog.delete_old(store.clock.now() + KEEP_FINDINGS - timedelta(seconds=1))
    assert patches.load(run_id) == PATCH
    store.backlog.delete_old(store.clock.now() + KEEP_FINDINGS + timedelta(seconds=1))
    assert patches.load(run_id) is None
