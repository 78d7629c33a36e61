from __future__ import annotations

import json
import logging

from lintbot.log import JsonFormatter


def test_line_is_json_with_extra_fields_and_no_secret():
    record = logging.makeLogRecord(
        {"msg": "token %s", "args": ("hunter2",), "levelname": "INFO", "delivery": "d\n1"}
    )
    line = JsonFormatter(lambda text: text.replace("hunter2", "***")).format(record)
    assert "\n" not in line
    fields = json.loads(line)
    assert (fields["message"], fields["delivery"], fields["level"]) == ("token ***", "d\n1", "info")
