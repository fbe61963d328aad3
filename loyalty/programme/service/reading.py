"""Files of versions and of tables, read."""

import json
from pathlib import Path
from typing import Any

from loyalty.kernel.errors import Malformed


def read_json(path: Path) -> Any:
    """Return the JSON of a file; malformed with the line and column where it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as wrong:
        raise Malformed({"file": [f"{path}: {wrong.strerror}"]}) from wrong
    except UnicodeDecodeError as wrong:
        raise Malformed({"file": [f"{path} is not UTF-8 text."]}) from wrong
    except json.JSONDecodeError as wrong:
        raise Malformed({"file": [f"{path}, line {wrong.lineno}, column {wrong.colno}: {wrong.msg}"]}) from wrong
