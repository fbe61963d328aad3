"""The one way in for sales: one or thousands, from the API or from a file."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from loyalty.customers.service import timeline_part
from loyalty.kernel.actor import Actor
from loyalty.kernel.db import ask, db, transaction
from loyalty.kernel.db import batch as as_batch
from loyalty.kernel.events import announce, foretell
from loyalty.sales import queries
from loyalty.sales.events import SaleRecorded
from loyalty.sales.rules import NumberTaken, Outcome, SaleFact, refused
from loyalty.sales.service.correcting import correct
from loyalty.sales.service.rows import event_of, line_rows, sale_row
from loyalty.sales.service.telling import OTHER_SALE, SENTENCES, follow_vehicles, keep_answers, share_out
from loyalty.sales.service.vetting import Batch, Customers, Mode, Vetted, begin, create_missing, settle_repeats, vet
from loyalty.staff.service import audit_part, audit_values

# What follows from a new sale for the timeline and the audit trail, in the statement that writes the sale.
_AMOUNT = "jsonb_build_object('minor', gross_minor, 'currency', currency)"
_SENTENCE = " ".join(f"WHEN '{kind}' THEN '{sentence}'" for kind, sentence in SENTENCES.items())
_TIMELINE = f"""
    SELECT customer_id, occurred_at AS at, CASE kind WHEN 'service' THEN 'service' ELSE 'sale' END AS kind,
        CASE kind {_SENTENCE} ELSE '{OTHER_SALE}' END AS sentence,
        jsonb_build_object('number', number, 'amount', {_AMOUNT}) AS numbers,
        'sale' AS source_kind, sale_id AS source_id
    FROM fact JOIN taken USING (source, number)
"""  # noqa: S608 - sentences of our own
_AUDIT = """
    SELECT 'sale.recorded' AS action, 'sale' AS subject_kind, sale_id AS subject_id, customer_id AS about_customer_id,
        store_id, jsonb_build_object(
            'source', source, 'number', number, 'version', 1, 'customer_id', customer_id, 'gross_minor', gross_minor,
            'currency', currency) AS after
    FROM fact JOIN taken USING (source, number) ORDER BY place
"""

# The numbers are taken first and in their order: whoever writes the same number at the same time waits here, and finds
# afterwards that it is taken. Only what got its number is written.
_WRITE = text(f"""
    WITH fact AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS row (
            place int, source text, number text, row_hash bytea, customer_id bigint, kind text, store_id bigint,
            vehicle_id bigint, occurred_at timestamptz, business_day date, currency text, odometer int,
            net_minor bigint, tax_minor bigint, gross_minor bigint, points_paid_minor bigint,
            delivered_at timestamptz, content_hash bytea
        )
    ), taken AS (
        INSERT INTO sale_numbers (source, number, customer_id, sale_id, row_hash)
        SELECT source, number, customer_id, nextval('sales_id_seq'), row_hash
        FROM fact ORDER BY source, number
        ON CONFLICT DO NOTHING
        RETURNING source, number, sale_id
    ), sold AS (
        INSERT INTO sales (
            customer_id, id, source, number, version, kind, store_id, vehicle_id, occurred_at, business_day, currency,
            odometer, net_minor, tax_minor, gross_minor, points_paid_minor, delivered_at, content_hash, recorded_at
        )
        SELECT customer_id, sale_id, source, number, 1, kind, store_id, vehicle_id, occurred_at, business_day, currency,
            odometer, net_minor, tax_minor, gross_minor, points_paid_minor, delivered_at, content_hash, :now
        FROM fact JOIN taken USING (source, number)
    ), lines AS (
        INSERT INTO sale_lines (
            customer_id, sale_id, number, sku, category, quantity, net_minor, tax_minor, gross_minor, discount_minor
        )
        SELECT fact.customer_id, taken.sale_id, line.number, line.sku, line.category, line.quantity, line.net_minor,
            line.tax_minor, line.gross_minor, line.discount_minor
        FROM json_to_recordset(CAST(:lines AS json)) AS line (
            place int, number int, sku text, category text, quantity numeric, net_minor bigint, tax_minor bigint,
            gross_minor bigint, discount_minor bigint
        )
        JOIN fact USING (place) JOIN taken ON taken.source = fact.source AND taken.number = fact.number
    ), timeline AS ({timeline_part(_TIMELINE)}), audit AS ({audit_part(_AUDIT)})
    SELECT fact.place, taken.sale_id FROM fact JOIN taken USING (source, number)
""")  # noqa: S608 - parts of our own


_REMEMBER_ROWS = text("""
    UPDATE sale_numbers AS taken SET row_hash = fact.hash
    FROM unnest(CAST(:sources AS text[]), CAST(:numbers AS text[]), CAST(:hashes AS bytea[]))
        AS fact (source, number, hash)
    WHERE taken.source = fact.source AND taken.number = fact.number AND taken.row_hash IS DISTINCT FROM fact.hash
""")


def record_sales(
    facts: Sequence[SaleFact],
    *,
    mode: Mode,
    now: datetime,
    by: Actor,
    customers: Customers = "create",
    answered: bool = True,
) -> list[Outcome]:
    """Return what became of each fact, in order, all that could be taken being recorded and announced.

    A number that is known with other content is refused by `create` and corrected by `correct`; with the same content
    nothing happens. Customers that are not known yet are created, or with `must_exist` the fact is rejected. One bad
    fact never holds up the others. Nobody is `answered` for each sale of a file: what those brought is not kept, and is
    told from the ledger when somebody asks. The actor needs the permission sales.write in the store of each fact.
    """
    if not facts:
        return []
    with transaction():
        batch = begin(facts, mode=mode, customers=customers, answered=answered, now=now, by=by)
        waiting = [place for place in range(len(facts)) if place not in batch.outcomes and place not in batch.repeats]
        changed: list[Vetted] = []
        while waiting:
            # What loses its number to another transaction comes back here, and is found to be known.
            fresh, known = _sort_out(vet(batch, waiting))
            changed += _settle_known(batch, known)
            written = _write(batch, fresh)
            waiting = [each.place for each in fresh if each.place not in written]
        if changed:
            correct(batch, changed)
        settle_repeats(batch)
    return [batch.outcomes[place] for place in range(len(facts))]


def _sort_out(vetted: Sequence[Vetted]) -> tuple[list[Vetted], list[Vetted]]:
    fresh = [each for each in vetted if each.found.sale_id is None]
    known = [each for each in vetted if each.found.sale_id is not None]
    return fresh, known


def _settle_known(batch: Batch, known: Sequence[Vetted]) -> list[Vetted]:
    """Answer the sales that are known with the same content as the first time; return the changed ones to correct."""
    same = [each for each in known if each.content_hash == each.found.content_hash]
    if same:
        told = queries.first_answers(
            [(each.found.sold_to or 0, each.found.sale_id or 0, each.found.version or 0) for each in same]
        )
        for each in same:
            found = each.found
            effects = told.get(found.sale_id or 0, ())
            batch.outcomes[each.place] = Outcome("same", found.sale_id, found.sold_to, found.version or 1, effects)
    _remember_rows([each.fact for each in same if each.fact.row_hash is not None])
    changed = [each for each in known if each.content_hash != each.found.content_hash]
    if batch.mode == "correct":
        return changed
    for each in changed:
        batch.outcomes[each.place] = refused(NumberTaken(number=each.fact.number, source=each.fact.source))
    return []


def _remember_rows(facts: Sequence[SaleFact]) -> None:
    """Note the rows that say what is known already, so that they are passed over the next time."""
    if not facts:
        return
    values = {
        "sources": [fact.source for fact in facts],
        "numbers": [fact.number for fact in facts],
        "hashes": [fact.row_hash for fact in facts],
    }
    db.session.execute(_REMEMBER_ROWS, values)


def _write(batch: Batch, fresh: Sequence[Vetted]) -> dict[int, int]:
    """Write new sales with all that hangs on them; return the id by place of those that got their number."""
    if not fresh:
        return {}
    create_missing(batch, fresh)
    rows = as_batch([sale_row(each) for each in fresh])
    lines = as_batch([{"place": each.place, **line} for each in fresh for line in line_rows(each)])
    told = {"timeline_by": batch.by.name, **audit_values(batch.now, batch.by)}
    written = ask(_WRITE, {"rows": rows, "lines": lines, "now": batch.now, **told})
    foretell(SaleRecorded, {each.customer_id for each in fresh if each.customer_id is not None})
    ids: dict[int, int] = {row.place: row.sale_id for row in written.rows()}
    mine = [each for each in fresh if each.place in ids]
    sales = [event_of(each, ids[each.place]) for each in mine]
    effects = announce(sales, now=batch.now, by=batch.by)
    effects += follow_vehicles(batch, [(each, sale.sale_id) for each, sale in zip(mine, sales, strict=True)])
    shared = share_out(sales, effects)
    for each, sale in zip(mine, sales, strict=True):
        brought = tuple(shared.get(sale.sale_id, ()))
        batch.outcomes[each.place] = Outcome("created", sale.sale_id, sale.customer_id, 1, brought)
    if batch.answered:
        keep_answers(sales, shared)
    return ids
