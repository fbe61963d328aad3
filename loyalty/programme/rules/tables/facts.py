"""A rule table as it is written: its head and its rows, checked; and files of tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loyalty.kernel.clock import parse_day
from loyalty.kernel.errors import Malformed, NotFound, Refused
from loyalty.programme.rules.bodies import sha256_of
from loyalty.programme.rules.tables.columns import check_rows
from loyalty.programme.rules.tables.kinds import CERTAINTY_TEXTS, KINDS, table_kind
from loyalty.programme.rules.tables.regions import EVERYWHERE, REGION_TEXTS

LONGEST_SOURCE = 500
_KEYS = {"kind", "regions", "valid_from", "valid_to", "source", "certainty", "remark", "rows"}


class TableNotFound(NotFound):
    """There is no such table."""

    code = "programme.table_not_found"
    sentence = "There is no table {table}."


class TablesThere(Refused):
    """A file gives only the first tables; later ones need two people."""

    code = "programme.tables_loaded"
    sentence = "There are tables already. Write a new one and have another person approve it."


@dataclass(frozen=True, slots=True)
class Facts:
    """What a table says: where and from when till when it holds, on what grounds, and its rows.

    `valid_from` None: since ever, as far as is known; `valid_to` None: till another begins.
    """

    kind: str
    region: str
    valid_from: date | None
    valid_to: date | None
    source: str
    certainty: str
    remark: str
    rows: list[dict[str, Any]]

    @property
    def sha256(self) -> bytes:
        """The hash of what the table says."""
        days = {"valid_from": str(self.valid_from), "valid_to": str(self.valid_to)}
        head = {"kind": self.kind, "region": self.region, "source": self.source, "certainty": self.certainty}
        return sha256_of({**head, **days, "remark": self.remark, "rows": self.rows})


def check_facts(facts: Facts, *, at: str = "") -> Facts:
    """Return the facts; malformed with each place that is wrong, behind `at`."""
    errors = {place: [told] for place, wrong, told in _head(facts) if wrong}
    if "kind" not in errors:
        try:
            check_rows(table_kind(facts.kind).every_column, facts.rows)
        except Malformed as wrong:
            errors |= wrong.errors
    if errors:
        raise Malformed({at + place: told for place, told in errors.items()})
    return facts


def _head(facts: Facts) -> Iterator[tuple[str, bool, str]]:
    """Give each place of the head, whether it is wrong, and what to tell then."""
    known = {kind.code for kind in KINDS}
    backward = facts.valid_from is not None and facts.valid_to is not None and facts.valid_to < facts.valid_from
    sourced = bool(facts.source.strip()) and len(facts.source) <= LONGEST_SOURCE
    region = "There is no such region. Use CN, or the code of a province such as CN-HA."
    yield "kind", facts.kind not in known, "There is no such kind of facts."
    yield "region", facts.region not in REGION_TEXTS, region
    yield "certainty", facts.certainty not in CERTAINTY_TEXTS, "Say how sure this is: seen, weak, derived or general."
    yield "source", not sourced, "Name the source, in at most 500 characters."
    yield "remark", len(facts.remark) > LONGEST_SOURCE, "Write at most 500 characters."
    yield "valid_to", backward, "The last day is not before the first."


def parse_tables(content: object) -> list[Facts]:
    """Return the tables of a file, one for each region that an entry names; malformed with all places at once."""
    tables = content.get("tables") if isinstance(content, dict) else None
    if not isinstance(tables, list) or not tables:
        raise Malformed({"tables": ["List at least one table."]})
    errors: dict[str, list[str]] = {}
    found = []
    for index, entry in enumerate(tables):
        try:
            found += _entry(entry, f"tables[{index}]")
        except Malformed as wrong:
            errors |= wrong.errors
    if errors:
        raise Malformed(errors)
    return found


def _entry(entry: object, at: str) -> list[Facts]:
    if not isinstance(entry, dict) or (unknown := entry.keys() - _KEYS):
        told = "Write a table as a JSON object." if not isinstance(entry, dict) else "Unknown field."
        places = [f"{at}.{name}" for name in sorted(unknown)] if isinstance(entry, dict) else [at]
        raise Malformed({place: [told] for place in places})
    regions = entry.get("regions", [EVERYWHERE])
    if not isinstance(regions, list) or not regions:
        raise Malformed({f"{at}.regions": ["List at least one region, or leave the field out."]})
    return [check_facts(_facts(entry, region, at), at=f"{at}.") for region in regions]


def _facts(entry: Mapping[str, Any], region: object, at: str) -> Facts:
    return Facts(
        kind=str(entry.get("kind")),
        region=str(region),
        valid_from=_day(entry, "valid_from", at),
        valid_to=_day(entry, "valid_to", at),
        source=str(entry.get("source", "")),
        certainty=str(entry.get("certainty", "")),
        remark=str(entry.get("remark", "")),
        rows=entry.get("rows", []),
    )


def _day(entry: Mapping[str, Any], field: str, at: str) -> date | None:
    text = entry.get(field)
    return None if text is None else parse_day(str(text), place=f"{at}.{field}")
