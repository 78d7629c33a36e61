"""``lintbot scan``: the same pipeline on a local folder, told as text, JSON, SARIF or Markdown."""
