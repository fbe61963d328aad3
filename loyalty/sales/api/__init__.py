"""Sales and files of sales, for programs."""

from loyalty.sales.api import deliveries, files, sales
from loyalty.sales.api.blueprint import imports, operations

__all__ = ["deliveries", "files", "imports", "operations", "sales"]
