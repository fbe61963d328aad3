"""`python -m tests.bench.large`: W1, W2, W4, W5 and W7 on a large group, W3 by the import that makes it."""

import argparse
import json
import sys
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter

from loyalty.kernel.clock import utc_now
from tests.bench import due, limit, lists, pieces, product
from tests.bench.large import grow, night
from tests.bench.machine import Machine, machine, web
from tests.bench.pieces import Round, Sales, Side, measured
from tests.bench.report import HEADER, Line

SMALL = 10_000
REGULARS = 1_000  # members with a history by the services, whom both sides sell to
WARM_SECONDS = 1.0


def main() -> int:
    """Measure and tell; 1 when something that must be reached is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.large", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=6, help="of a round of each piece")
    parser.add_argument("--keep", type=Path, help="folder where the large group stays, and is found by the next run")
    asked = parser.parse_args()
    now = utc_now()
    with machine() as here:
        limit.seed(here, REGULARS, now)
        token = product.seed(here, REGULARS, now)
        lists.agent(here, now)
        grow.grow(here, SMALL, now)
        _tell(f"small: {grow.size(here)}")
        small = _asked(here, token, asked.seconds)
    with machine(asked.keep) as here:
        began = perf_counter()
        token = _group(here, asked.members, now)
        _tell(f"large: {grow.size(here)} after {perf_counter() - began:.0f} s")
        large = _asked(here, token, asked.seconds)
        day = night.next_day(here, asked.members)
        lines = [*_grown(small, large), *night.works(here, asked.members, day, now)]
        lines += due.large_works(here, now)
        lines += _nightly(here, token, large.sales, day, now, asked.seconds)
    sys.stdout.write("\n".join([HEADER, *(line.told() for line in lines)]) + "\n")
    return int(any(line.verdict == "MISSED" for line in lines))


def _group(here: Machine, members: int, now: datetime) -> str:
    """Return the token of a client of the large group; make the group unless the folder has it."""
    note = here.folder / "group.json"
    if note.exists():
        made = json.loads(note.read_text())
        if made["members"] != members:
            raise SystemExit(f"{here.folder} keeps a group of {made['members']:,}; name another folder")
        return made["token"]
    if (here.folder / "growing").exists():
        raise SystemExit(f"{here.folder} keeps a group that was never finished; delete it")
    (here.folder / "growing").touch()
    limit.seed(here, REGULARS, now)
    token = product.seed(here, REGULARS, now)
    lists.agent(here, now)
    grow.grow(here, members, now)
    night.settle(here, now)
    grow.copy_to_limit(here)
    note.write_text(json.dumps({"members": members, "token": token}))
    return token


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


class Seen:
    """What was asked by HTTP of a group of one size."""

    def __init__(self) -> None:
        self.sales: Sales  # of the product, whose numbers go on
        self.points: Round
        self.sale: Round
        self.least_sale: Round
        self.least_rows: Round
        self.rows: Round
        self.pages: Round
        self.searches: dict[str, float]


def _asked(here: Machine, token: str, seconds: float) -> Seen:
    seen = Seen()
    with ExitStack() as stack:
        sides = {
            name: Side(name, one, stack.enter_context(web(name, here.environ)), here.postgres())
            for name, one in (("limit", limit.TOKEN), ("product", token))
        }
        ours, least = sides["product"], sides["limit"]
        numbers = [number for _, number in product.frequent_numbers(here)]
        now = utc_now()
        prefix = f"W{now:%m%d%H%M%S}-"  # the group may be an earlier run's
        sales = {name: Sales(REGULARS, now, prefix) for name in sides}
        seen.sales = sales["product"]
        seen.points = _warm(ours, pieces.points(ours, numbers), pieces.answered, seconds)
        seen.least_sale = _warm(least, pieces.spread(least, sales["limit"]), pieces.created, seconds)
        seen.sale = _warm(ours, pieces.spread(ours, sales["product"]), pieces.created, seconds)
        seen.least_rows = _warm(least, lists.rows(least), lists.found, seconds)
        programs = lists.programs(here, now)
        seen.rows = _warm(ours, lists.rows(ours, programs), lists.found, seconds)
        seen.pages = _warm(ours, lists.pages(lists.cookie(ours.port)), lists.shown, seconds)
        seen.searches = lists.slowest(ours, lists.words(here), programs, seconds / 2)
    return seen


def _warm(side: Side, make: pieces.Make, good: pieces.Good, seconds: float) -> Round:
    measured(side, make, good, seconds=WARM_SECONDS)
    return measured(side, make, good, seconds=seconds)


def _grown(small: Seen, large: Seen) -> list[Line]:
    per_second = [large.sale.rate.per_second], [large.least_sale.rate.per_second]
    cpu = large.points.cpu_ms / small.points.cpu_ms
    return [
        Line("W1 a sale, large", "/s", *per_second, must=0.28, goal=0.40),
        Line("W2 CPU against the small group", "x", [cpu], must=1.3),
        _fifty("JSON", large.rows, large.least_rows, must=0.3),
        _fifty("HTML", large.pages, large.least_rows, must=0.15),
        *(
            Line(
                f"W7 search: {kind}",
                f"x the small group's p95 ({small.searches[kind]:.1f} -> {slow:.1f} ms)",
                [slow / small.searches[kind]],
                must=2,
            )
            for kind, slow in large.searches.items()
        ),
    ]


def _fifty(words: str, own: Round, least: Round, *, must: float) -> Line:
    return Line(
        f"W7 50 rows as {words}",
        "/s",
        [own.rate.per_second],
        [least.rate.per_second],
        must=must,
        cpu_ms=[own.cpu_ms],
        limit_cpu_ms=[least.cpu_ms],
    )


def _nightly(here: Machine, token: str, sales: Sales, day: date, now: datetime, seconds: float) -> list[Line]:
    with web("product", here.environ) as pid:
        side = Side("product", token, pid, here.postgres())
        told = night.meanwhile(here, side, sales, day + timedelta(days=1), seconds)
    return [*told, night.killed(here, day + timedelta(days=1), now)]


if __name__ == "__main__":
    sys.exit(main())
