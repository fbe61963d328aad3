"""One import by the product's service, in a process of its own: `python -m tests.bench.product_import FILE`."""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from loyalty.app import create_app
from loyalty.kernel.actor import SYSTEM
from loyalty.kernel.clock import utc_now
from loyalty.kernel.heap import settle_heap
from loyalty.sales.rules import parse_mapping
from loyalty.sales.service import import_file
from tests.bench.files import MAPPING


def main(path: Path) -> None:
    """Import the file and write what it took as JSON."""
    app = create_app()
    settle_heap()  # as the command and the worker do
    with app.app_context():
        began = perf_counter()
        done = import_file(path, parse_mapping(MAPPING), dry_run=False, now=utc_now(), by=SYSTEM, side_by_side=True)
        report = done.to_json()
        seconds = perf_counter() - began
    told = {
        "seconds": seconds,
        "rows": report["rows"],
        "taken": report["sales"]["created"],
        "rejected": report["rejected"],
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
