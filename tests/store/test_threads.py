"""Types that several threads meet for the first time at once: it must not end the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

_CODE = """
import sys, threading
sys.setswitchinterval(1e-6)
from lintbot.github import webhook
from lintbot.jobs.names import decode_job
from lintbot.store.rows import JUDGEMENT, LINT_RESULT, pack, unpack

def attempt(number):
    together.wait()
    for call in (
        lambda: unpack(pack({"result": {"findings": []}}), (JUDGEMENT, LINT_RESULT)[number % 2]),
        lambda: decode_job({"run_id": "x"}),
        lambda: webhook._decode(b'{"repository": {"owner": {}}}', webhook.READERS["push"].payload),
    ):
        try:
            call()
        except Exception as error:
            assert "missing required field" in str(error), error

together = threading.Barrier(8)
threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("alive")
"""


@pytest.mark.parametrize("_time", range(3))
def test_nothing_crashes_when_threads_decode_at_once(_time: int):
    done = subprocess.run(
        [sys.executable, "-c", _CODE], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")
