-- W4: the least that does each step of the night, one statement each, on the limit's tables.

CREATE OR REPLACE FUNCTION expire(until timestamptz) RETURNS bigint LANGUAGE sql AS $$
    WITH ended AS (
        UPDATE lots SET remaining = 0 FROM (
            SELECT customer_id, id, remaining FROM lots WHERE remaining > 0 AND expires_at <= until
        ) AS was
        WHERE lots.customer_id = was.customer_id AND lots.id = was.id
        RETURNING lots.customer_id, lots.id, was.remaining AS points, nextval('transactions_id_seq') AS tx_id
    ),
    booked AS (INSERT INTO transactions (customer_id, id, kind, key, booked_at)
        SELECT customer_id, tx_id, 'expire', 'expire:' || id, until FROM ended),
    posted AS (INSERT INTO postings SELECT customer_id, tx_id, side, sign * points FROM ended,
        (VALUES ('member', -1), ('expired', 1)) AS two (side, sign)),
    allocated AS (INSERT INTO allocations SELECT customer_id, tx_id, id, points FROM ended),
    balanced AS (UPDATE accounts AS a SET available = a.available - s.points
        FROM (SELECT customer_id, sum(points)::bigint AS points FROM ended GROUP BY 1) AS s
        WHERE a.customer_id = s.customer_id)
    SELECT count(*) FROM ended
$$;

CREATE OR REPLACE FUNCTION review(on_day date) RETURNS bigint LANGUAGE sql AS $$
    WITH figures AS (
        SELECT customer_id, sum(spend) AS spent, sum(visits) AS came FROM tier_days
        WHERE day > on_day - 365 AND day <= on_day GROUP BY 1
    ),
    levels AS (
        SELECT a.customer_id, a.level, CASE WHEN spent >= 5000000 AND came >= 8 THEN 'gold'
            WHEN spent >= 1000000 THEN 'silver' ELSE 'basic' END AS reached
        FROM accounts AS a LEFT JOIN figures USING (customer_id)
    ),
    changed AS (UPDATE accounts AS a SET level = l.reached FROM levels AS l
        WHERE a.customer_id = l.customer_id AND l.reached <> l.level RETURNING 1)
    SELECT count(*) FROM levels
$$;

CREATE OR REPLACE FUNCTION audit_ledger() RETURNS bigint LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM (SELECT FROM postings GROUP BY customer_id, transaction_id HAVING sum(points) <> 0) AS t)
        + (SELECT count(*) FROM accounts AS a
            LEFT JOIN (SELECT customer_id, sum(points) AS points FROM postings WHERE side = 'member' GROUP BY 1) AS p
                USING (customer_id)
            LEFT JOIN (SELECT customer_id, sum(remaining) AS points FROM lots GROUP BY 1) AS l USING (customer_id)
            WHERE a.available <> coalesce(p.points, 0) OR a.available <> coalesce(l.points, 0))
$$;
