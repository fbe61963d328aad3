"""Sales and files of sales, for programs."""

from loyalty.sales.api import files, sales
from loyalty.sales.api.blueprint import imports, operations

__all__ = ["files", "imports", "operations", "sales"]
