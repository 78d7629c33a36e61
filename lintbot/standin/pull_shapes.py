"""Shell: commits, branches and pull requests as GitHub's JSON."""

from __future__ import annotations

from typing import Any

from lintbot.standin.git import Commit
from lintbot.standin.shapes import Shapes, node_id, stamp
from lintbot.standin.state import Pull, Repository


def simple_commit(commit: Commit) -> dict[str, Any]:
    """``simple-commit``."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": commit.timestamp,
        "author": _person(commit.author),
        "committer": _person(commit.committer),
    }


def pushed_commit(shapes: Shapes, repository: Repository, commit: Commit) -> dict[str, Any]:
    """As in the ``commits`` of a ``push`` event."""
    return {
        **simple_commit(commit),
        "distinct": True,
        "url": f"{shapes.at.web}/{repository.full_name}/commit/{commit.sha}",
        "added": list(commit.added),
        "removed": list(commit.removed),
        "modified": list(commit.modified),
    }


def full_commit(shapes: Shapes, repository: Repository, commit: Commit) -> dict[str, Any]:
    """``commit``, without files."""
    api = f"{shapes.at.api}/repos/{repository.full_name}"
    web = f"{shapes.at.web}/{repository.full_name}"
    when = {"date": commit.timestamp}
    return {
        "sha": commit.sha,
        "node_id": node_id("C_", int(commit.sha[:12], 16)),
        "url": f"{api}/commits/{commit.sha}",
        "html_url": f"{web}/commit/{commit.sha}",
        "comments_url": f"{api}/commits/{commit.sha}/comments",
        "author": None,
        "committer": None,
        "parents": [
            {"sha": sha, "url": f"{api}/commits/{sha}", "html_url": f"{web}/commit/{sha}"}
            for sha in commit.parents
        ],
        "commit": {
            "url": f"{api}/git/commits/{commit.sha}",
            "message": commit.message,
            "comment_count": 0,
            "author": _person(commit.author) | when,
            "committer": _person(commit.committer) | when,
            "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"},
        },
    }


def branch(shapes: Shapes, repository: Repository, name: str, sha: str) -> dict[str, Any]:
    """``short-branch``."""
    url = f"{shapes.at.api}/repos/{repository.full_name}/commits/{sha}"
    return {"name": name, "commit": {"sha": sha, "url": url}, "protected": False}


def small_pull(shapes: Shapes, pull: Pull) -> dict[str, Any]:
    """``pull-request-minimal``, as in check runs and suites."""
    head = pull.head_repository or pull.base
    sides = {
        "head": (pull.head_branch, pull.head_sha, head),
        "base": (pull.base_branch, pull.base_sha, pull.base),
    }
    content: dict[str, Any] = {"id": pull.id, "number": pull.number, "url": _pull_url(shapes, pull)}
    for side, (ref, sha, repository) in sides.items():
        url = f"{shapes.at.api}/repos/{repository.full_name}"
        repo = {"id": repository.id, "url": url, "name": repository.name}
        content[side] = {"ref": ref, "sha": sha, "repo": repo}
    return content


def listed_pull(shapes: Shapes, pull: Pull) -> dict[str, Any]:
    """``pull-request-simple``, as lists hold it."""
    api = _pull_url(shapes, pull)
    issue = api.replace("/pulls/", "/issues/")
    html = f"{shapes.at.web}/{pull.base.full_name}/pull/{pull.number}"
    statuses = f"{shapes.at.api}/repos/{pull.base.full_name}/statuses/{pull.head_sha}"
    urls = {
        "html_url": html,
        "issue_url": issue,
        "commits_url": f"{api}/commits",
        "review_comments_url": f"{api}/comments",
        "review_comment_url": f"{api.rpartition('/')[0]}/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": statuses,
    }
    links = {name.removesuffix("_url"): {"href": url} for name, url in urls.items()}
    return {
        "id": pull.id,
        "node_id": node_id("PR_", pull.id),
        "number": pull.number,
        "url": api,
        **urls,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "_links": {**links, "self": {"href": api}},
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": shapes.account(pull.author),
        "author_association": "NONE" if pull.from_fork else "OWNER",
        "draft": pull.draft,
        "created_at": stamp(pull.created_at),
        "updated_at": stamp(pull.updated_at),
        **dict.fromkeys(("body", "milestone", "active_lock_reason", "closed_at", "merged_at")),
        **dict.fromkeys(("merge_commit_sha", "assignee", "auto_merge")),
        **{name: [] for name in ("labels", "assignees", "requested_reviewers", "requested_teams")},
        "head": _side(shapes, pull.head_repository, pull.head_branch, pull.head_sha),
        "base": _side(shapes, pull.base, pull.base_branch, pull.base_sha),
    }


def full_pull(shapes: Shapes, pull: Pull, *, commits: int, changed_files: int) -> dict[str, Any]:
    """``pull-request``, as GET and the events hold it."""
    return {
        **listed_pull(shapes, pull),
        "merged": False,
        "mergeable": None,
        "rebaseable": None,
        "mergeable_state": "unknown",
        "merged_by": None,
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": pull.from_fork,
        "commits": commits,
        "additions": 0,
        "deletions": 0,
        "changed_files": changed_files,
    }


def _side(shapes: Shapes, repository: Repository | None, ref: str, sha: str) -> dict[str, Any]:
    """Return one side; after its fork was deleted, the head has no repository."""
    if repository is None:
        return {"label": f"unknown:{ref}", "ref": ref, "sha": sha, "user": None, "repo": None}
    return {
        "label": f"{repository.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": shapes.account(repository.owner),
        "repo": shapes.repository(repository),
    }


def _pull_url(shapes: Shapes, pull: Pull) -> str:
    return f"{shapes.at.api}/repos/{pull.base.full_name}/pulls/{pull.number}"


def _person(person: tuple[str, str]) -> dict[str, Any]:
    return {"name": person[0], "email": person[1]}
