from __future__ import annotations

import pytest

from lintbot.model.actions import Action, Button


@pytest.mark.parametrize(
    ("label", "description"), [("x" * 21, "y"), ("", "y"), ("x", "y" * 41), ("x", "")]
)
def test_a_button_that_github_would_refuse_is_refused(label: str, description: str):
    with pytest.raises(ValueError, match="a button's text"):
        Button(action=Action.RELINT, label=label, description=description)
