"""The HTTP shell: routes, webhook intake, badges, pages."""
