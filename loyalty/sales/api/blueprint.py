"""Where the operations of sales are served."""

from loyalty.web.api import ApiBlueprint

operations = ApiBlueprint("sales", __name__, description="Sales of the core system, their corrections and refunds.")
imports = ApiBlueprint(
    "imports", __name__, description="Files of sales: handed in, checked, read by a worker, and their rejected rows."
)
