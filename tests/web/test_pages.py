"""The pages and the API over HTTP."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from yarl import URL

from lintbot.errors import TransientError
from lintbot.model.findings import Severity
from lintbot.model.lint import ToolOutcome
from lintbot.model.lint_run import Conclusion, Stage, Verdict
from lintbot.model.source import Explanation
from tests.support.report_fakes import FakeCatalog
from tests.support.report_site import Client, a_site
from tests.support.report_values import (
    a_comparison,
    a_finding,
    a_job,
    a_judgement,
    a_patch,
    a_profile,
    a_repository,
    a_run,
    a_score,
    a_sha,
    a_summary,
    a_tool,
)

SHA = a_sha()
RUN = f"/gh/octo/project/runs/{SHA}"
HOSTILE = '<script>alert("x")</script>@octocat\u202e'
COMPARISON = a_comparison(
    new=(a_finding(3, severity=Severity.ERROR, message=HOSTILE, path="src/<b>.py"),),
    unchanged=(a_finding(4), a_finding(5, tool="flake8", code="E501", symbol="")),
    fixed=(a_finding(9, path="src/old.py"),),
    environment=(a_finding(1, code="E0401", message="Unable to import 'numpy'"),),
)


def a_catalog() -> FakeCatalog:
    tools = (
        a_tool(notices=("unknown option 'x'",)),
        a_tool(tool="flake8", config_path=None, failed_files=("bad.py",)),
        a_tool(tool="ruff", outcome=ToolOutcome.TIMED_OUT, reason="longer than 60 s"),
    )
    judgement = a_judgement(
        COMPARISON,
        tools=tools,
        score=a_score(partial=True),
        skipped=("1 link was left out",),
        neutral=a_profile(),
    )
    catalog = FakeCatalog()
    catalog.add(a_repository(), a_run(judgement))
    catalog.add(a_repository(id=8, name="secret", private=True), a_run(judgement))
    catalog.add(a_repository(id=9, name="fresh"))
    catalog.excerpts[SHA] = {
        "src/<b>.py": {2: "before", 3: "hostile \u202eline", 4: "after", 9: "far"}
    }
    catalog.explanations = [
        Explanation(
            tool="pylint",
            version="4.1.4",
            code="W0611",
            name="unused-import",
            summary="Unused %s",
            text="Used when an **import** <i> is [not](javascript:x) [used](https://example.com/why).",
            markdown=True,
        )
    ]
    return catalog


async def _page(client: Client, path: str, status: int = 200) -> str:
    async with client.get(URL(path, encoded=True), allow_redirects=False) as response:
        assert response.status == status
        assert response.content_type == "text/html"
        assert "script-src" not in response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        return await response.text()


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


async def test_report_of_a_repository() -> None:
    catalog = a_catalog()
    catalog.summaries[a_repository().id] = [
        a_summary(1, sha=SHA, score=a_score(partial=True)),
        a_summary(2, score=a_score(700)),
        a_summary(3, conclusion=Conclusion.NEUTRAL, score=None, new=None, fixed=None),
    ]
    async with a_site(catalog) as client:
        html = await _page(client, "/gh/octo/project")
    text = _text(html)
    for part in (
        "9.42 of 10",
        "Grade A partial",
        "1 new, 1 fixed",
        "7.00 → 9.42 over 2 commits",
        "Errors 1 × 10 10 Warnings 3 × 4 12 Remarks 4 × 1 4 Points P 26 Lines of code L 423",
        "pylint 4.1.4 pyproject.toml ok",
        "flake8 4.1.4 its own defaults ok; could not judge 1 file",
        "timed out: longer than 60 s",
        "unknown option 'x'",
        "1 link was left out",
        "Unable to import 'numpy' 1×",
        "Not judged none · ·",
        "[![lint](https://lint.example/badge/octo/project.svg)](https://lint.example/gh/octo/project)",
        ".. image:: https://lint.example/badge/octo/project.svg",
    ):
        assert part in text
    assert 'href="/gh/octo/project/rules/flake8:E501"' in html
    assert 'href="/gh/octo/project/files/src/shelf.py"' in html
    assert 'type="application/atom+xml"' in html


async def test_untrusted_text_is_text() -> None:
    async with a_site(a_catalog()) as client:
        for path in ("/gh/octo/project", RUN, f"{RUN}?rule=<script>&path=<b>&show=<i>"):
            html = await _page(client, path)
            assert "<script" not in html
            assert "<b>" not in html
            assert "\u202e" not in html


async def test_report_of_a_commit() -> None:
    async with a_site(a_catalog()) as client:
        html = await _page(client, RUN)
        assert f"https://github.example/octo/project/blob/{SHA}/src/%3Cb%3E.py#L3" in html
        text = _text(html)
        for part in (
            "Failed 9.42 of 10, grade A partial",
            "12 files judged: 1 new, 2 unchanged, 1 fixed since",
            "New 1 All 3 Fixed 1 Not installed here 1",
            "src/<b>.py before hostile \\u202eline error <script>",
            r"@octocat\u202e pylint W0611 unused-import · line 3:1",
            "8.71 of 10, grade B, by the rule set neutral-1 of ruff 0.17.6",
            "Pyflakes 2 4.73 Async 0 0.00",
        ):
            assert part in text
        assert "src/shelf.py" not in text
        assert "src/shelf.py" in _text(await _page(client, f"{RUN}?show=all"))
        fixed = await _page(client, f"{RUN}?show=fixed")
        assert f"/blob/{a_sha('base')}/src/old.py#L9" in fixed
        environment = await _page(client, f"{RUN}?show=environment")
        assert "They are in no score" in environment


async def test_filters_live_in_the_address() -> None:
    async with a_site(a_catalog()) as client:
        text = _text(await _page(client, f"{RUN}?show=all&rule=flake8%3AE501"))
        assert "src/shelf.py warning Unused import os flake8 E501 · line 5:1" in text
        assert "W0611 unused-import · line" not in text
        text = _text(await _page(client, f"{RUN}?show=all&path=src/&severity=error"))
        assert "src/<b>.py" in text
        assert "line 4:1" not in text
        text = _text(await _page(client, f"{RUN}?show=all&path=nothing"))
        assert "No finding passes this filter." in text


async def test_page_of_a_file() -> None:
    async with a_site(a_catalog()) as client:
        text = _text(await _page(client, "/gh/octo/project/files/src/shelf.py"))
        assert "2 findings at" in text
        assert "line 4:1" in text
        assert "src/<b>.py" not in text
        text = _text(await _page(client, "/gh/octo/project/files/src/clean.py"))
        assert "No finding in this file." in text


async def test_page_of_a_rule_has_the_tools_own_words() -> None:
    async with a_site(a_catalog()) as client:
        html = await _page(client, "/gh/octo/project/rules/pylint:W0611")
        assert "Used when an <strong>import</strong> &lt;i&gt; is" in html
        assert 'href="https://example.com/why"' in html
        assert 'href="javascript' not in html
        text = _text(html)
        assert "W0611 unused-import" in text
        assert "In the words of pylint 4.1.4; its documentation" in text
        assert "2 findings" in text
        assert "flake8 E501" not in text
        text = _text(await _page(client, "/gh/octo/project/rules/flake8:E501"))
        assert "flake8 explains its rules in its documentation" in text
        text = _text(await _page(client, "/gh/octo/project/rules/flake8:X1"))
        assert "it comes from a plugin" in text
        assert "None at this commit." in text


async def test_page_of_an_account() -> None:
    catalog = a_catalog()
    catalog.summaries[a_repository().id] = [
        a_summary(1, score=a_score(942)),
        a_summary(2, score=a_score(900)),
    ]
    catalog.add(a_repository(id=10, name="Zebra"))
    catalog.summaries[a_repository(id=10).id] = [a_summary(3, score=a_score(998, partial=True))]
    async with a_site(catalog) as client:
        text = _text(await _page(client, "/gh/OCTO"))
        assert "octo GitHub Feed 3 repositories" in text
        assert "secret" not in text
        assert text.index("fresh none yet") < text.index("project 9.42 A") < text.index("Zebra")
        text = _text(await _page(client, "/gh/octo?sort=score"))
        assert text.index("Zebra 9.98 A partial") < text.index("project") < text.index("fresh")
        assert text == _text(await _page(client, "/gh/octo?sort=score&page=99"))


async def test_what_the_badge_shows_and_why() -> None:
    async with a_site(a_catalog()) as client:
        text = _text(await _page(client, "/gh/octo/project/badge"))
        assert "Says 9.42/10 partial" in text
        assert f"commit {SHA[:7]}" in text
        assert "Cache-Control" in text
        text = _text(await _page(client, "/gh/octo/project/badge?branch=other"))
        assert "no commit of this branch that has a score" in text


async def test_two_thousand_findings_are_all_there() -> None:
    many = tuple(a_finding(line, message=f"finding {line};") for line in range(1, 2001))
    catalog = FakeCatalog()
    catalog.add(a_repository(), a_run(a_judgement(a_comparison(new=many))))
    seen: list[str] = []
    async with a_site(catalog) as client:
        path: str | None = RUN
        while path:
            html = await _page(client, path)
            assert len(html) < 300_000
            seen += re.findall(r"finding (\d+);", html)
            following = re.search(r'rel="next" href="([^"]*)"', html)
            path = unescape(following[1]) if following else None
    assert sorted(map(int, seen)) == list(range(1, 2001))


async def test_first_lint_run() -> None:
    catalog = FakeCatalog()
    judgement = a_judgement(a_comparison(baseline_sha=None, unchanged=(a_finding(1),)))
    catalog.add(a_repository(), a_run(judgement))
    async with a_site(catalog) as client:
        assert "first lint run, 1 finding" in _text(await _page(client, "/gh/octo/project"))
        text = _text(await _page(client, RUN))
        assert "First lint run: 1 finding became the baseline" in text
        assert "Unused import os" in text


async def test_a_baseline_that_cannot_be_read() -> None:
    catalog = FakeCatalog()
    judgement = a_judgement(a_comparison(baseline_sha=None, unchanged=(a_finding(1),)))
    verdict = Verdict(conclusion=Conclusion.SUCCESS, reason="The base cannot be read.")
    catalog.add(a_repository(), a_run(judgement, verdict))
    async with a_site(catalog) as client:
        assert "not compared, 1 finding" in _text(await _page(client, "/gh/octo/project"))
        text = _text(await _page(client, RUN))
        assert "The base cannot be read. 12 files judged: 1 finding, compared with nothing" in text


async def test_a_clean_commit_says_how_much_was_judged() -> None:
    catalog = FakeCatalog()
    catalog.add(a_repository(), a_run(a_judgement()))
    async with a_site(catalog) as client:
        assert "None in 12 files." in _text(await _page(client, "/gh/octo/project"))
        assert "12 files judged: 0 new" in _text(await _page(client, RUN))


async def test_a_running_commit_shows_its_stage() -> None:
    running = replace(a_run(None), verdict=None, stage=Stage.LINT)
    catalog = FakeCatalog()
    catalog.add(a_repository(), running)
    async with a_site(catalog) as client:
        for path in ("/gh/octo/project", RUN):
            html = await _page(client, path)
            assert '<li aria-current="step">Running the linters</li>' in html


async def test_a_commit_that_could_not_be_judged_says_why() -> None:
    verdict = Verdict(conclusion=Conclusion.NEUTRAL, reason="A <limit> was passed.", reference="7f")
    catalog = a_catalog()
    other = a_run(None, verdict, job=a_job(head_sha=a_sha("newest")))
    catalog.runs[a_repository().id].insert(0, other)
    async with a_site(catalog) as client:
        text = _text(await _page(client, f"/gh/octo/project/runs/{a_sha('newest')[:7]}"))
        assert "Not judged A <limit> was passed. Reference number 7f" in text
        text = _text(await _page(client, "/gh/octo/project"))
        assert "has no score: not judged. Below is the last one that has." in text


async def test_empty_states() -> None:
    catalog = a_catalog()
    async with a_site(catalog) as client:
        assert "Nothing linted yet" in _text(await _page(client, "/gh/octo/fresh"))
    catalog.summaries[a_repository(id=9).id] = [
        a_summary(conclusion=Conclusion.NEUTRAL, score=None)
    ]
    async with a_site(catalog) as client:
        assert "No score yet" in _text(await _page(client, "/gh/octo/fresh"))


async def test_branches() -> None:
    catalog = a_catalog()
    other = a_run(a_judgement(score=a_score(123)), job=a_job(branch="dev/<x>"))
    catalog.runs[a_repository().id].append(other)
    async with a_site(catalog) as client:
        html = await _page(client, "/gh/octo/project")
        assert 'href="?branch=dev%2F%3Cx%3E"' in html
        html = await _page(client, "/gh/octo/project?branch=dev%2F%3Cx%3E")
        assert "1.23" in _text(html)
        assert "badge/octo/project.svg?branch=dev%2F%3Cx%3E" in html


@pytest.mark.parametrize(
    "path",
    [
        "/gh/octo/nothing",
        "/gh/octo/secret",
        "/gh/octo/secret?branch=main",
        f"/gh/octo/secret/runs/{SHA}",
        "/gh/octo/project/runs/abc",
        "/gh/octo/project/runs/0123456789",
        "/gh/octo/project/runs/%25%25%25%25%25%25%25",
        "/gh/octo/project?branch=%00",
        "/gh/%3Cb%3E/x",
        "/gh/nobody",
        "/gh/o%0Ao",
        "/gh/octo/project/other",
        "/gh/octo/fresh/files/src/shelf.py",
        "/gh/octo/secret/badge",
        "/gh/octo/secret/files/src/shelf.py",
        "/gh/octo/fresh/rules/flake8:E501",
        "/gh/octo/project/rules/flake8:E501?branch=%00",
        "/gh/%0A",
        "/gh?repository=nonsense",
        "/gh",
    ],
)
async def test_strangers_see_one_page_for_all_that_they_may_not_see(path: str) -> None:
    async with a_site(a_catalog()) as client:
        assert await _page(client, path, 404) == await _page(client, "/gh/no/body", 404)


async def test_home_leads_to_a_repository_and_nowhere_else() -> None:
    async with a_site(a_catalog()) as client:
        assert "owner/repository" in await _page(client, "/")
        async with client.get("/gh?repository=+octo/project+", allow_redirects=False) as response:
            assert response.status == 303
            assert response.headers["Location"] == "/gh/octo/project"
        await _page(client, "/gh?repository=%2F%2Fevil.example%2Fx%2Fy", 404)


async def test_pages_are_revalidated_and_the_style_sheet_is_kept() -> None:
    async with a_site(a_catalog()) as client:
        async with client.get("/gh/octo/project") as response:
            tag = response.headers["ETag"]
            html = await response.text()
        async with client.get("/gh/octo/project", headers={"If-None-Match": tag}) as response:
            assert response.status == 304
        stylesheet = re.search(r'rel="stylesheet" href="([^"]*)"', html)
        assert stylesheet
        async with client.get(stylesheet[1]) as response:
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]


async def test_the_database_is_away() -> None:
    catalog = a_catalog()
    catalog.failure = TransientError("no database")
    async with a_site(catalog) as client:
        for path in ("/gh/octo/project", RUN):
            html = await _page(client, path, 503)
            assert "Back in a moment" in html
        await _page(client, "/")
        async with client.get("/api/v1/repos/octo/project") as response:
            assert response.status == 503


async def test_api() -> None:
    async with a_site(a_catalog()) as client:
        async with client.get("/api/v1/repos/octo/project") as response:
            report = await response.json()
            tag = response.headers["ETag"]
        assert report["latest"]["score"]["value"] == "9.42"
        assert report["latest"]["sha"] == SHA
        assert report["history"][0]["new"] == 1
        neutral = report["latest"]["neutral"]
        assert (neutral["name"], neutral["score"]["value"]) == ("neutral-1", "8.71")
        assert neutral["families"][0]["per_thousand_lines"] == 4.73
        assert report["history"][0]["neutral"] == neutral
        headers = {"If-None-Match": tag}
        async with client.get("/api/v1/repos/octo/project", headers=headers) as response:
            assert response.status == 304
        async with client.get(f"/api/v1/repos/octo/project/runs/{SHA}") as response:
            run = await response.json()
        assert run["conclusion"] == "failure"
        assert [it["line"] for it in run["findings"]["unchanged"]] == [4, 5]
        assert "installation" not in str(report) + str(run)


async def test_api_of_what_has_no_result_yet() -> None:
    catalog = FakeCatalog()
    catalog.add(a_repository(), replace(a_run(None), verdict=None, completed_at=None))
    async with a_site(catalog) as client:
        async with client.get("/api/v1/repos/octo/project") as response:
            assert (await response.json())["latest"] is None
        async with client.get(f"/api/v1/repos/octo/project/runs/{SHA}") as response:
            run = await response.json()
        assert run["findings"] is None
        assert run["conclusion"] is None


@pytest.mark.parametrize(
    "path", ["octo/secret", f"octo/secret/runs/{SHA}", "octo/project/runs/x", "<b>/x"]
)
async def test_api_hides_what_the_pages_hide(path: str) -> None:
    async with a_site(a_catalog()) as client:
        bodies = []
        for it in (path, "no/body"):
            async with client.get(f"/api/v1/repos/{it}") as response:
                assert response.status == 404
                bodies.append(await response.read())
        assert bodies[0] == bodies[1]


async def test_api_branch_that_no_branch_can_be() -> None:
    async with a_site(a_catalog()) as client:
        url = URL("/api/v1/repos/octo/project?branch=%00", encoded=True)
        async with client.get(url) as response:
            assert response.status == 404


async def test_a_patch_can_be_had_from_the_page() -> None:
    catalog = a_catalog()
    patch = a_patch(text="--- a/é.py\r\n+<b>\n")
    async with a_site(catalog) as client:
        assert "A patch for" not in await _page(client, RUN)
        await _page(client, f"{RUN}.patch", status=404)
        catalog.patches[SHA] = patch
        page = await _page(client, RUN)
        assert f"curl -fsSL https://lint.example{RUN}.patch | git apply" in page
        async with client.get(f"{RUN}.patch") as response:
            assert (await response.read()).decode() == patch.text
            assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        await _page(client, f"/gh/octo/secret/runs/{SHA}.patch", status=404)
