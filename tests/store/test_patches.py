from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lintbot.model.patch import Patch
from lintbot.store.backlog import KEEP_FINDINGS
from lintbot.store.patches import StoredPatches
from tests.store.conftest import Store
from tests.store.values import a_finding

PATCH = Patch(text="--- a/é.py\r\n", claims=(a_finding(),), files=1)


def test_the_newest_patch_of_a_commit_stays_until_it_is_old(store: Store):
    patches = StoredPatches(store.database, store.clock)
    job = store.push(1)
    commit = job.repository_id, job.head_sha
    assert patches.load(*commit) is None
    patches.save(*commit, replace(PATCH, files=2))
    patches.save(*commit, PATCH)
    assert patches.load(*commit) == store.catalog.load_patch(*commit) == PATCH
    store.backlog.delete_old(store.clock.now() + KEEP_FINDINGS - timedelta(seconds=1))
    assert patches.load(*commit) == PATCH
    store.backlog.delete_old(store.clock.now() + KEEP_FINDINGS + timedelta(seconds=1))
    assert patches.load(*commit) is None
