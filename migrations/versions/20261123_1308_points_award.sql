-- Books awards that need no thought: the account owes nothing, and the key was never used in it. Locks, looks and writes
-- like points_open and points_book, in one round trip and from one row for each award: transaction, postings, lot and
-- balance all follow from it. Returns the numbers of the awards that it booked; the others are left to the rules.
--   awards  [{n, customer_id, unit, points, key, content, source_*, store_id, occurred_at, …}], no key twice
CREATE FUNCTION points_award(awards jsonb, kind text, booked timestamptz, by_kind text, by_id bigint, by_name text)
RETURNS SETOF integer
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    PERFORM a.id FROM points_accounts a
        WHERE a.customer_id IN (SELECT q.customer_id FROM jsonb_to_recordset(awards) q(customer_id bigint))
        ORDER BY a.id FOR NO KEY UPDATE OF a;
    RETURN QUERY
    WITH plain AS MATERIALIZED (
        SELECT nextval('ledger_transactions_id_seq') AS transaction_id, nextval('points_lots_id_seq') AS lot_id, r.*,
            coalesce(r.available_from > booked, false) AS waits
        FROM (SELECT q.*, a.id AS account_id
              FROM jsonb_to_recordset(awards) q(
                  n integer, customer_id bigint, unit text, points bigint, key text, content text, source_kind text,
                  source_id bigint, source_number text, store_id bigint, occurred_at timestamptz, business_day date,
                  policy_version_id bigint, reason text, available_from timestamptz, expires_at timestamptz,
                  unit_cost_micro bigint)
              JOIN points_accounts a ON a.customer_id = q.customer_id AND a.unit = q.unit
              WHERE a.debt = 0 AND NOT EXISTS (
                  SELECT FROM ledger_transactions t
                  WHERE t.customer_id = a.customer_id AND t.account_id = a.id AND t.key = q.key)
              ORDER BY q.n) r
    ), booked_transactions AS (
        INSERT INTO ledger_transactions (
            customer_id, id, account_id, kind, debit, credit, points, key, part, content, source_kind, source_id,
            source_number, store_id, occurred_at, booked_at, business_day, policy_version_id, reason, actor_kind,
            actor_id, actor_name)
        SELECT p.customer_id, p.transaction_id, p.account_id, points_award.kind, 'issued',
            CASE WHEN p.waits THEN 'pending' ELSE 'available' END, p.points, p.key, 1, p.content, p.source_kind,
            p.source_id, p.source_number, p.store_id, p.occurred_at, booked, p.business_day, p.policy_version_id,
            p.reason, by_kind, by_id, by_name
        FROM plain p
    ), booked_postings AS (
        INSERT INTO ledger_postings (customer_id, transaction_id, number, place, store_id, points)
        SELECT p.customer_id, p.transaction_id, side.number,
            CASE WHEN side.number = 1 THEN 'issued' WHEN p.waits THEN 'pending' ELSE 'available' END, p.store_id,
            side.sign * p.points
        FROM plain p CROSS JOIN (VALUES (1, -1), (2, 1)) side(number, sign)
    ), booked_lots AS (
        INSERT INTO points_lots (
            customer_id, id, account_id, transaction_id, points, remaining, state, earned_at, available_from,
            expires_at, unit_cost_micro, funding_store_id)
        SELECT p.customer_id, p.lot_id, p.account_id, p.transaction_id, p.points, p.points,
            CASE WHEN p.waits THEN 'pending' ELSE 'open' END, p.occurred_at, p.available_from, p.expires_at,
            p.unit_cost_micro, p.store_id
        FROM plain p
    ), changed_accounts AS (
        UPDATE points_accounts a SET available = a.available + m.available, pending = a.pending + m.pending
        FROM (SELECT p.customer_id, p.account_id, coalesce(sum(p.points) FILTER (WHERE NOT p.waits), 0) AS available,
                coalesce(sum(p.points) FILTER (WHERE p.waits), 0) AS pending
              FROM plain p GROUP BY p.customer_id, p.account_id) m
        WHERE a.customer_id = m.customer_id AND a.id = m.account_id
    )
    SELECT p.n FROM plain p;
END $$;
