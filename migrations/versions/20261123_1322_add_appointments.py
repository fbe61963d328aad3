"""Add appointments, their places, and how many a store has.

Revision: 0035_add_appointments, after 0034_message_inquiries.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035_add_appointments"
down_revision = "0034_message_inquiries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointments",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="asked", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'confirmed', 'arrived', 'kept', 'missed', 'cancelled')",
            name=op.f("ck_appointments_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('asked', 'confirmed', 'arrived')) = (ended_at IS NULL)", name=op.f("ck_appointments_ended")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_appointments_span")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_appointments_customer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_appointments_store_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicles.id"], name=op.f("fk_appointments_vehicle_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("customer_id", "key", name=op.f("uq_appointments_customer_id_key")),
    )
    op.create_index("ix_appointments_id", "appointments", ["id"])
    op.create_index("ix_appointments_store", "appointments", ["store_id", "starts_at", "id"])
    op.create_index(
        "ix_appointments_vehicle",
        "appointments",
        ["vehicle_id"],
        postgresql_where=sa.text("state IN ('asked', 'confirmed', 'arrived')"),
    )
    op.create_table(
        "appointment_places",
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 50", name=op.f("ck_appointment_places_place")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_appointment_places_store_id")),
        sa.PrimaryKeyConstraint("store_id", "starts_at", "place", name=op.f("pk_appointment_places")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_appointment_places_appointment_id")),
    )
    op.create_table(
        "appointment_capacities",
        sa.Column("store_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places BETWEEN 0 AND 50", name=op.f("ck_appointment_capacities_places")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_appointment_capacities_store_id")),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_appointment_capacities")),
    )


def downgrade() -> None:
    op.drop_table("appointment_capacities")
    op.drop_table("appointment_places")
    op.drop_table("appointments")
