"""One lint run becomes all that people see: check run, badge, pages."""
