-- W5: the least that opens what is due: the steps that were planned, whose they are, and the tasks that they become.

CREATE TABLE plans (customer_id bigint, id bigint, vehicle_id bigint, store_id bigint NOT NULL, PRIMARY KEY (customer_id, id));
CREATE TABLE steps (customer_id bigint, id bigint, plan_id bigint NOT NULL, kind text NOT NULL, names jsonb NOT NULL,
    due_from date NOT NULL, due_to date NOT NULL, why jsonb NOT NULL, state text NOT NULL DEFAULT 'planned',
    PRIMARY KEY (customer_id, id));
CREATE INDEX ON steps (due_from, id) WHERE state = 'planned';
CREATE TABLE holders (vehicle_id bigint, customer_id bigint, PRIMARY KEY (vehicle_id, customer_id));
CREATE TABLE workers (store_id bigint, place bigint, account_id bigint NOT NULL, PRIMARY KEY (store_id, place));
CREATE TABLE tasks (customer_id bigint, id bigint GENERATED ALWAYS AS IDENTITY, key text NOT NULL, kind text NOT NULL,
    names jsonb NOT NULL, why jsonb NOT NULL, vehicle_id bigint, store_id bigint NOT NULL, owner_id bigint,
    due_from date NOT NULL, due_to date NOT NULL, due_at timestamptz NOT NULL, step_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'open', opened_at timestamptz NOT NULL, PRIMARY KEY (customer_id, id), UNIQUE (customer_id, key));
CREATE INDEX ON tasks (owner_id, due_at, id) WHERE state = 'open';
CREATE INDEX ON tasks (store_id, due_at, id) WHERE state = 'open';
CREATE TABLE task_changes (customer_id bigint, id bigint GENERATED ALWAYS AS IDENTITY, task_id bigint NOT NULL,
    at timestamptz NOT NULL, act text NOT NULL, owner_id bigint, PRIMARY KEY (customer_id, task_id, id));

-- All that is due by a day, whose vehicle is still held, becomes tasks that go round the people of the store.
CREATE FUNCTION open_due(on_day date, zone text, at timestamptz) RETURNS bigint LANGUAGE sql AS $$
    WITH many AS (SELECT store_id, count(*) AS people FROM workers GROUP BY 1),
    picked AS MATERIALIZED (
        SELECT customer_id, id, plan_id, kind, names, due_from, due_to, why FROM steps
        WHERE state = 'planned' AND due_from <= on_day
    ),
    due AS MATERIALIZED (
        SELECT s.*, p.vehicle_id, p.store_id,
            row_number() OVER (PARTITION BY p.store_id ORDER BY s.due_from, s.id) % m.people AS place
        FROM picked AS s JOIN plans AS p ON p.customer_id = s.customer_id AND p.id = s.plan_id
        JOIN many AS m ON m.store_id = p.store_id
        WHERE EXISTS (SELECT FROM holders AS h WHERE h.vehicle_id = p.vehicle_id AND h.customer_id = p.customer_id OFFSET 0)
    ),
    marked AS (UPDATE steps AS s SET state = 'opened' FROM due WHERE s.customer_id = due.customer_id AND s.id = due.id),
    opened AS (
        INSERT INTO tasks (customer_id, key, kind, names, why, vehicle_id, store_id, owner_id, due_from, due_to, due_at,
            step_id, opened_at)
        SELECT due.customer_id, 'step:' || due.id, due.kind, due.names, due.why, due.vehicle_id, due.store_id, w.account_id,
            due.due_from, due.due_to, (due.due_to + 1)::timestamp AT TIME ZONE zone, due.id, at
        FROM due JOIN workers AS w ON w.store_id = due.store_id AND w.place = due.place
        ON CONFLICT (customer_id, key) DO NOTHING
        RETURNING customer_id, id, owner_id
    ),
    noted AS (INSERT INTO task_changes (customer_id, task_id, at, act, owner_id)
        SELECT customer_id, id, at, 'opened', owner_id FROM opened)
    SELECT count(*) FROM opened
$$;
