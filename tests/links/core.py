"""A core database: a table of invoice lines, and the view over it that a dealer would give us."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

START = datetime(2026, 3, 12, 9, 0)  # noqa: DTZ001 - a core database keeps its own local time

MAPPING = {
    "source": "dms",
    "columns": {
        "number": "order_no",
        "line": "line_no",
        "date": "settled_at",
        "store": {"value": "CD01"},
        "kind": {"value": "service"},
        "customer_no": "customer_no",
        "customer_name": "customer_name",
        "currency": {"value": "CNY"},
        "amount": "amount",
        "quantity": "quantity",
        "vin": "vin",
        "odometer": "mileage",
    },
}

TABLE = """
    CREATE TABLE order_lines (
        order_no varchar(40), line_no int, settled_at {moment}, customer_no varchar(40), customer_name varchar(80),
        amount decimal(12, 2), quantity decimal(10, 3), vin varchar(17), mileage int,
        updated_at {moment} NULL, deleted_at {moment} NULL
    )
"""
COLUMNS = (
    "order_no", "line_no", "settled_at", "customer_no", "customer_name", "amount", "quantity", "vin", "mileage",
    "updated_at", "deleted_at",
)  # fmt: skip


@dataclass
class Core:
    """The database, and a clock that moves a minute with each change."""

    url: str
    moment: datetime = field(default=START)

    def __post_init__(self):
        self.engine = create_engine(self.url, poolclass=NullPool)
        moment = "datetime(6)" if "mariadb" in self.url else "timestamp"
        self.run("DROP VIEW IF EXISTS settled")
        self.run("DROP TABLE IF EXISTS order_lines")
        self.run(TABLE.format(moment=moment))
        self.view()

    def view(self, columns=COLUMNS):
        self.run("DROP VIEW IF EXISTS settled")
        self.run(f"CREATE VIEW settled AS SELECT {', '.join(columns)} FROM order_lines")  # noqa: S608 - our own names

    def run(self, statement, **values):
        with self.engine.begin() as connection:
            return connection.execute(text(statement), values)

    def put(self, number, *amounts, customer="K-1", changed=None, deleted=None, vin=None, mileage=None):
        """Write the lines of an order anew, changed now unless told otherwise."""
        self.moment += timedelta(minutes=1)
        rows = [
            {
                "order_no": number,
                "line_no": place,
                "settled_at": datetime(2026, 3, 10, 10, 20),  # noqa: DTZ001 - the core's local time
                "customer_no": customer,
                "customer_name": "王建国",
                "amount": amount,
                "quantity": 1,
                "vin": vin,
                "mileage": mileage,
                "updated_at": changed or self.moment,
                "deleted_at": deleted,
            }
            for place, amount in enumerate(amounts or ("100.00",), 1)
        ]
        names = ", ".join(COLUMNS)
        places = ", ".join(f":{name}" for name in COLUMNS)
        with self.engine.begin() as connection:
            connection.execute(text("DELETE FROM order_lines WHERE order_no = :number"), {"number": number})
            connection.execute(text(f"INSERT INTO order_lines ({names}) VALUES ({places})"), rows)  # noqa: S608 - as above

    def strike_out(self, number):
        self.moment += timedelta(minutes=1)
        self.run(
            "UPDATE order_lines SET deleted_at = :now, updated_at = :now WHERE order_no = :number",
            now=self.moment,
            number=number,
        )

    def delete(self, *numbers):
        for number in numbers:
            self.run("DELETE FROM order_lines WHERE order_no = :number", number=number)
