"""`python -m tests.bench [W1 W2 W3 W5 W6 W7]`: how fast the product is, beside the least that does the same work."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from time import perf_counter

from loyalty.kernel.clock import utc_now
from tests.bench import due, files, letters, limit, lists, pieces, product
from tests.bench.machine import Machine, machine, web
from tests.bench.pieces import Round, Sales, Side, measured
from tests.bench.report import HEADER, Line

WORKS = ("W1", "W2", "W3", "W5", "W6", "W7")
BY_HTTP = {"W1", "W2", "W7"}
WARM_SECONDS = 1.0
SHORT = 0.6  # of the seconds of a round, for what is only compared with the product itself
MOST_MS = 60  # of the p99 of a sale
MOST_STATEMENTS = 2


def main() -> int:
    """Measure what was asked for and tell it; 1 when something that must be reached is missed."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that servers and folders go
    began = perf_counter()
    lines: list[Line] = []
    with machine() as here:
        now = utc_now()
        _tell(f"Seeding {asked.members:,} members on both sides ...")
        limit.seed(here, asked.members, now)
        token = product.seed(here, asked.members, now)
        _same_work(here)
        if BY_HTTP & set(asked.works):
            lines += _by_http(here, token, now, asked)
        if "W3" in asked.works:
            _tell("W3 ...")
            lines += files.works(here, asked.rounds, now)
        if "W5" in asked.works:
            _tell("W5 ...")
            lines += due.works(here, asked.rounds, now)
        if "W6" in asked.works:
            _tell("W6 ...")
            lines += letters.works(here, asked.rounds)
    if asked.json:
        sys.stdout.write(json.dumps([line.as_json() for line in lines], indent=2) + "\n")
    else:
        sys.stdout.write("\n".join([HEADER, *(line.told() for line in lines)]) + "\n")
    _tell(f"{perf_counter() - began:.0f} s")
    return int(any(line.verdict == "MISSED" for line in lines))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("works", nargs="*", choices=[*WORKS, []], default=list(WORKS), metavar=" ".join(WORKS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="of a round of each piece")
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _tell(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _same_work(here: Machine) -> None:
    """End the run unless both sides made the same of the same history."""
    least, ours = limit.holdings(here), product.holdings(here)
    if least != ours:
        raise SystemExit(f"limit and product do not do the same work:\n{least}\n{ours}")


def _by_http(here: Machine, token: str, now: datetime, asked: argparse.Namespace) -> list[Line]:
    lines: list[Line] = []
    with ExitStack() as stack:
        served = ("limit", "product", "plain") if "W1" in asked.works else ("limit", "product")
        tokens = {"limit": limit.TOKEN, "product": token, "plain": limit.TOKEN}
        sides = {
            name: Side(name, tokens[name], stack.enter_context(web(name, here.environ)), here.postgres())
            for name in served
        }
        if "W1" in asked.works:
            _tell("W1 ...")
            lines += _sales(sides, asked, now)
        if "W2" in asked.works:
            _tell("W2 ...")
            lines += _points(here, sides, asked)
        if "W7" in asked.works:
            _tell("W7 ...")
            lines += _lists(here, sides, asked, now)
    return lines


def _sales(sides: dict[str, Side], asked: argparse.Namespace, now: datetime) -> list[Line]:
    sales = {name: Sales(asked.members, now) for name in ("limit", "product")}
    sales["plain"] = sales["limit"]  # the same database, so the same numbers
    own = {"product": sides["product"]}
    single = _rounds(sides, asked, lambda side: pieces.spread(side, sales[side.name]), pieces.created)
    repeat = _rounds(own, asked, lambda side: pieces.repeated(side, sales["product"]), pieces.accepted, SHORT)
    hot = _rounds(own, asked, lambda side: pieces.hot(side, sales["product"]), pieces.created, SHORT)
    both = {name: sides[name] for name in ("limit", "product")}
    batch = _rounds(both, asked, lambda side: pieces.hundreds(side, sales[side.name]), pieces.all_created)
    rate, slowest = _rates(single["product"]), [one.rate.percentile(0.99) for one in single["product"]]
    return [
        _against("W1 a sale", "/s", single, must=0.28, goal=0.40),
        Line("W1 p99 of a sale", "ms", slowest, must=MOST_MS),
        Line("W1 against the plain ORM", "/s", rate, _rates(single["plain"]), "plain ORM", goal=1),
        Line("W1 repeat of a sale", "/s", _rates(repeat["product"]), rate, "own sale", must=2),
        Line("W1 all sales to one member", "/s", _rates(hot["product"]), rate, "own spread", must=0.16),
        _against("W1 :batch of 100", "sales/s", batch, must=0.25, goal=0.5, each=pieces.HUNDRED),
    ]


def _points(here: Machine, sides: dict[str, Side], asked: argparse.Namespace) -> list[Line]:
    members = product.frequent_numbers(here)
    numbers = {"product": [number for _, number in members], "limit": limit.numbers(place for place, _ in members)}
    both = {name: sides[name] for name in numbers}
    seen = _rounds(both, asked, lambda side: pieces.points(side, numbers[side.name]), pieces.answered)
    statements = product.statements(here, sides["product"].token, numbers["product"])
    return [
        _against("W2 points of a member", "/s", seen, must=0.35, goal=0.6),
        Line("W2 statements of a request", "", [statements], must=MOST_STATEMENTS),
    ]


def _lists(here: Machine, sides: dict[str, Side], asked: argparse.Namespace, now: datetime) -> list[Line]:
    """Hold fifty rows, as JSON and as a page, against the limit's view, which answers JSON for both."""
    lists.agent(here, now)
    least, ours = lists.rows(sides["limit"]), sides["product"]
    both = {name: sides[name] for name in ("limit", "product")}
    told = []
    for words, make, must in (
        ("JSON", lists.rows(ours, lists.programs(here, now)), 0.3),
        ("HTML", lists.pages(lists.cookie(ours.port)), 0.15),
    ):
        makes = {"limit": least, "product": make}
        seen = _rounds(both, asked, lambda side, makes=makes: makes[side.name], lists.listed, SHORT)
        told.append(_against(f"W7 50 rows as {words}", "/s", seen, must=must))
    return told


def _rounds(
    sides: dict[str, Side],
    asked: argparse.Namespace,
    make: Callable[[Side], pieces.Make],
    good: pieces.Good,
    share: float = 1,
) -> dict[str, list[Round]]:
    """Warm each side, then take rounds of all in turn."""
    makes = {name: make(side) for name, side in sides.items()}
    for name, side in sides.items():
        measured(side, makes[name], good, seconds=WARM_SECONDS)
    seen: dict[str, list[Round]] = {name: [] for name in sides}
    for _ in range(asked.rounds):
        for name, side in sides.items():
            seen[name].append(measured(side, makes[name], good, seconds=asked.seconds * share))
    return seen


def _rates(rounds: Sequence[Round]) -> list[float]:
    return [one.rate.per_second for one in rounds]


def _against(
    piece: str, unit: str, seen: dict[str, list[Round]], *, must: float, goal: float | None = None, each: int = 1
) -> Line:
    own, least = seen["product"], seen["limit"]
    return Line(
        piece,
        unit,
        [each * rate for rate in _rates(own)],
        [each * rate for rate in _rates(least)],
        must=must,
        goal=goal,
        cpu_ms=[one.cpu_ms / each for one in own],
        limit_cpu_ms=[one.cpu_ms / each for one in least],
        notes=f"web {own[-1].web_ms / each:.2f} + PostgreSQL {own[-1].postgres_ms / each:.2f}"
        f" / {least[-1].web_ms / each:.2f} + {least[-1].postgres_ms / each:.2f}",
    )


if __name__ == "__main__":
    sys.exit(main())
