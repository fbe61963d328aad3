"""Add customers, their identifiers and consents, vehicles, and the timeline."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_customers"
down_revision = "0004_programme"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SORTED = sa.Text(collation="C")

# What a customer agreed to is evidence: a change of mind is another row.
REFUSE_CHANGE = """
    CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'consent events are only added';
    END $$;
    CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON consent_events
        FOR EACH ROW EXECUTE FUNCTION refuse_consent_change();
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")  # one main owner: equal ids beside overlapping days
    add_customers()
    add_external_numbers()
    add_identifiers()
    add_search_keys()
    add_consent_events()
    add_vehicles()
    add_ownerships()
    add_odometer_readings()
    add_timeline_rows()
    op.execute(REFUSE_CHANGE)


def add_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            sa.Computed(
                "'C-' || CASE WHEN id < 10000000 THEN lpad(CAST(id AS text), 7, '0') ELSE CAST(id AS text) END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", SORTED, nullable=False),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("lunar", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh_Hans_CN", nullable=False),
        sa.Column("home_store_id", sa.BigInteger(), nullable=True),
        sa.Column("advisor_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("gender IN ('male', 'female')", name="ck_customers_gender"),
        sa.CheckConstraint("kind IN ('person', 'company')", name="ck_customers_kind"),
        sa.CheckConstraint("state IN ('prospect', 'active', 'closed', 'erased')", name="ck_customers_state"),
        sa.ForeignKeyConstraint(["advisor_id"], ["staff_accounts.id"], name="fk_customers_advisor_id"),
        sa.ForeignKeyConstraint(["home_store_id"], ["stores.id"], name="fk_customers_home_store_id"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_index("ix_customers_home_store_id", "customers", ["home_store_id", "name_key", "id"])
    op.create_index("ix_customers_name_key", "customers", ["name_key", "id"])


def add_external_numbers() -> None:
    op.create_table(
        "external_numbers",
        sa.Column("number", SORTED, nullable=False),
        sa.Column("source", SORTED, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_external_numbers_customer_id"),
        sa.PrimaryKeyConstraint("number", "source", name="pk_external_numbers"),
    )
    op.create_index("ix_external_numbers_customer_id", "external_numbers", ["customer_id"])


def add_identifiers() -> None:
    op.create_table(
        "identifiers",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=False),
        sa.Column("tail", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('phone', 'email', 'openid', 'card')", name="ck_identifiers_kind"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_identifiers_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_identifiers"),
        sa.UniqueConstraint("customer_id", "kind", "blind", name="uq_identifiers_customer_id_kind_blind"),
    )
    op.create_index("ix_identifiers_blind", "identifiers", ["blind", "kind"])
    op.create_index("ix_identifiers_tail", "identifiers", ["tail"], postgresql_where=sa.text("tail IS NOT NULL"))


def add_search_keys() -> None:
    op.create_table(
        "search_keys",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("key", SORTED, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_search_keys_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "key", name="pk_search_keys"),
    )
    op.create_index("ix_search_keys_key", "search_keys", ["key", "customer_id"])


def add_consent_events() -> None:
    op.create_table(
        "consent_events",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_kind", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("purpose IN ('privacy', 'service', 'marketing')", name="ck_consent_events_purpose"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_consent_events_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_consent_events"),
    )


def add_vehicles() -> None:
    op.create_table(
        "vehicles",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("vin", SORTED, nullable=False),
        sa.Column("vin_tail", SORTED, sa.Computed("right(vin, 6)", persisted=True), nullable=False),
        sa.Column("plate_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("plate_blind", sa.LargeBinary(), nullable=True),
        sa.Column("plate_end_blind", sa.LargeBinary(), nullable=True),
        sa.Column("plate_at", MOMENT, nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("vehicle_class", sa.Text(), server_default="passenger", nullable=False),
        sa.Column("use", sa.Text(), server_default="household", nullable=False),
        sa.Column("energy", sa.Text(), nullable=True),
        sa.Column("made_day", sa.Date(), nullable=True),
        sa.Column("registered_day", sa.Date(), nullable=True),
        sa.Column("invoiced_day", sa.Date(), nullable=True),
        sa.Column("delivered_day", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "energy IN ('petrol', 'diesel', 'hybrid', 'plug_in', 'electric', 'other')", name="ck_vehicles_energy"
        ),
        sa.CheckConstraint("use IN ('household', 'business', 'commercial')", name="ck_vehicles_use"),
        sa.CheckConstraint(
            "vehicle_class IN ('passenger', 'van', 'pickup', 'truck', 'motorcycle')", name="ck_vehicles_vehicle_class"
        ),
        sa.CheckConstraint("vin ~ '^[A-HJ-NPR-Z0-9]{17}$'", name="ck_vehicles_vin"),
        sa.CheckConstraint("(plate_sealed IS NULL) = (plate_blind IS NULL)", name="ck_vehicles_plate"),
        sa.PrimaryKeyConstraint("id", name="pk_vehicles"),
        sa.UniqueConstraint("vin", name="uq_vehicles_vin"),
    )
    op.create_index("ix_vehicles_plate_blind", "vehicles", ["plate_blind"])
    op.create_index("ix_vehicles_plate_end_blind", "vehicles", ["plate_end_blind"])
    op.create_index("ix_vehicles_vin_tail", "vehicles", ["vin_tail"])


def add_ownerships() -> None:
    op.create_table(
        "ownerships",
        sa.Column("vehicle_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("vehicle_id"), "="),
            (sa.text("daterange(from_day, until_day)"), "&&"),
            where=sa.text("role = 'owner'"),
            using="gist",
            name="ex_ownerships_one_main_owner",
        ),
        sa.CheckConstraint("role IN ('owner', 'driver', 'payer')", name="ck_ownerships_role"),
        sa.CheckConstraint("until_day >= from_day", name="ck_ownerships_days"),
        sa.ForeignKeyConstraint(["holder_id"], ["customers.id"], name="fk_ownerships_holder_id"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name="fk_ownerships_vehicle_id"),
        sa.PrimaryKeyConstraint("vehicle_id", "id", name="pk_ownerships"),
    )
    op.create_index("ix_ownerships_holder_id", "ownerships", ["holder_id"])
    op.create_index(
        "uq_ownerships_open",
        "ownerships",
        ["vehicle_id", "holder_id", "role"],
        unique=True,
        postgresql_where=sa.text("until_day IS NULL"),
    )


def add_odometer_readings() -> None:
    op.create_table(
        "odometer_readings",
        sa.Column("vehicle_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("km", sa.Integer(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("read_day", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("km >= 0", name="ck_odometer_readings_km"),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name="fk_odometer_readings_vehicle_id"),
        sa.PrimaryKeyConstraint("vehicle_id", "id", name="pk_odometer_readings"),
        sa.UniqueConstraint("vehicle_id", "read_at", "source", name="uq_odometer_readings_vehicle_id_read_at_source"),
    )
    op.create_index("ix_odometer_readings_day", "odometer_readings", ["vehicle_id", "read_at", "id"])


def add_timeline_rows() -> None:
    op.create_table(
        "timeline_rows",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("numbers", postgresql.JSONB(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=True),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_timeline_rows_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_timeline_rows"),
    )
    op.create_index("ix_timeline_rows_at", "timeline_rows", ["customer_id", "at", "id"])


def downgrade() -> None:
    op.drop_table("timeline_rows")
    op.drop_table("odometer_readings")
    op.drop_table("ownerships")
    op.drop_table("vehicles")
    op.drop_table("consent_events")
    op.drop_table("search_keys")
    op.drop_table("identifiers")
    op.drop_table("external_numbers")
    op.drop_table("customers")
    op.execute("DROP FUNCTION refuse_consent_change()")
