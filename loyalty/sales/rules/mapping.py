"""Which column of a file holds what: saved under a name, or a JSON file beside the sales.

A mapping names the source and, for each field, a column of the header, a fixed value, or both (the value then stands
where the cell is empty). `values` translates what the cells say, such as 维修 to service.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from json import dumps
from typing import Any, Literal

from loyalty.kernel.errors import Malformed, Sentence

FIELDS = (
    "number", "line", "date", "store", "kind", "customer_no", "customer_name", "phone", "currency", "amount", "tax",
    "quantity", "category", "sku", "vin", "plate", "model", "odometer", "delivered",
)  # fmt: skip
REQUIRED = ("number", "customer_no", "date", "amount", "currency", "store")
NEVER_FIXED = ("number", "customer_no", "date", "amount")
CUSTOMERS = ("create", "must_exist")
MOST_BASIS_POINTS = 10_000

Amount = Literal["gross", "net"]

# How header cells name the fields, folded to lower case without spaces and underscores.
NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "orderno", "ordernumber", "saleno", "单号", "订单号", "工单号", "结算单号", "销售单号"),
    "line": ("line", "lineno", "行号", "明细行", "序号"),
    "date": ("date", "day", "occurredat", "saledate", "日期", "结算日期", "销售日期", "开单日期", "时间", "结算时间"),
    "store": ("store", "storecode", "门店", "门店代码", "门店编码", "店代码"),
    "kind": ("kind", "type", "类型", "业务类型", "单据类型"),
    "customer_no": ("customerno", "customernumber", "customerid", "客户编号", "客户号", "客户代码", "会员编号"),
    "customer_name": ("customername", "name", "customer", "客户姓名", "客户名称", "姓名", "车主", "车主姓名"),
    "phone": ("phone", "mobile", "手机", "手机号", "电话", "联系电话"),
    "currency": ("currency", "币种", "货币"),
    "amount": ("amount", "gross", "total", "amountcny", "amountusd", "金额", "实收金额", "结算金额", "总金额"),
    "tax": ("tax", "税额", "税金"),
    "quantity": ("quantity", "qty", "数量"),
    "category": ("category", "类别", "项目类别", "分类"),
    "sku": ("sku", "itemno", "partno", "配件编码", "项目编码", "商品编码"),
    "vin": ("vin", "车架号", "底盘号"),
    "plate": ("plate", "plateno", "车牌", "车牌号"),
    "model": ("model", "车型", "车系"),
    "odometer": ("odometer", "mileage", "km", "里程", "行驶里程", "进厂里程"),
    "delivered": ("delivered", "deliveredat", "deliverydate", "交车日期", "交车时间", "提车日期"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field comes from: the header's name of a column, or None with a fixed `value`."""

    column: str | None
    value: str | None = None
    format: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileMapping:
    """A whole mapping; amounts are `gross` (what was charged) or `net`, with a tax rate in basis points or none."""

    source: str
    columns: Mapping[str, Column]
    amount: Amount = "gross"
    tax_rate: int = 0
    customers: Literal["create", "must_exist"] = "create"

    @property
    def named(self) -> list[str]:
        """Return the header names that a file must have."""
        columns = [self.columns[name].column for name in FIELDS if name in self.columns]
        return [column for column in columns if column is not None]

    @property
    def fingerprint(self) -> bytes:
        """Return bytes that differ when the same cells would mean something else."""
        body = {name: [each.column, each.value, each.format, dict(each.values)] for name, each in self.columns.items()}
        whole = [self.source, body, self.amount, self.tax_rate, self.customers]
        return blake2b(dumps(whole, sort_keys=True).encode(), digest_size=16).digest()


def parse_mapping(body: object) -> FileMapping:
    """Return the mapping of a JSON body; Malformed with the path of everything that is wrong."""
    errors: dict[str, list[str]] = {}
    if not isinstance(body, Mapping):
        raise Malformed({"mapping": ["A mapping is a JSON object with source and columns."]})
    for name in body.keys() - {"source", "columns", "amount", "tax_rate", "customers"}:
        errors[str(name)] = ["This is not a part of a mapping."]
    for name, problem in _head_problems(body):
        errors.setdefault(name, []).append(problem)
    columns = body.get("columns")
    parsed = _columns(columns, errors) if isinstance(columns, Mapping) else {}
    if errors:
        raise Malformed(errors)
    return FileMapping(
        source=body["source"].strip(),
        columns=parsed,
        amount=body.get("amount", "gross"),
        tax_rate=body.get("tax_rate", 0),
        customers=body.get("customers", "create"),
    )


def _head_problems(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    source = body.get("source")
    if not isinstance(source, str) or not source.strip():
        yield "source", "Name the system that the numbers come from, such as dms."
    if not isinstance(body.get("columns"), Mapping):
        yield "columns", "Say for each field which column holds it."
    if body.get("amount", "gross") not in {"gross", "net"}:
        yield "amount", "An amount is gross or net."
    if body.get("customers", "create") not in CUSTOMERS:
        yield "customers", "Unknown customers: create or must_exist."
    rate = body.get("tax_rate", 0)
    if isinstance(rate, bool) or not isinstance(rate, int) or not 0 <= rate <= MOST_BASIS_POINTS:
        yield "tax_rate", "The tax rate is in basis points, 1300 for 13 %."


def _columns(columns: Mapping[str, Any], errors: dict[str, list[str]]) -> dict[str, Column]:
    parsed = {}
    for name, body in columns.items():
        path = f"columns.{name}"
        if name not in FIELDS:
            errors[path] = [
                Sentence("There is no field {name}; the fields are {fields}.", name=name, fields=", ".join(FIELDS))
            ]
        elif (column := _column(body)) is None:
            errors[path] = ['Write "column name", {"column": "…"}, or {"value": "…"}.']
        elif column.column is None and name in NEVER_FIXED:
            errors[path] = ["This field needs a column of its own."]
        else:
            parsed[name] = column
    for name in REQUIRED:
        if name not in columns:
            errors[f"columns.{name}"] = ["This field is needed: name its column, or a value where all rows share one."]
    return parsed


def _column(body: object) -> Column | None:
    if isinstance(body, str) and body.strip():
        return Column(body.strip())
    if not isinstance(body, Mapping) or body.keys() - {"column", "value", "format", "values"}:
        return None
    column, value, form = body.get("column"), body.get("value"), body.get("format")
    values = body.get("values", {})
    texts = [each for each in (column, value, form) if each is not None]
    if not (column or value) or not all(isinstance(each, str) and each.strip() for each in texts):
        return None
    if not isinstance(values, Mapping) or not all(isinstance(each, str) for each in values.values()):
        return None
    return Column(column.strip() if column else None, value, form, dict(values))


def guess_columns(header: list[str]) -> dict[str, str]:
    """Return for the fields that the header seems to name the name of their column."""
    folded = {"".join(cell.lower().split()).replace("_", ""): cell for cell in reversed(header) if cell}
    return {name: folded[spelling] for name in FIELDS for spelling in reversed(NAMES[name]) if spelling in folded}


def mapping_body(mapping: FileMapping) -> dict[str, Any]:
    """Return the JSON body from which `parse_mapping` makes this mapping again."""
    columns = {}
    for name, each in mapping.columns.items():
        parts = {"column": each.column, "value": each.value, "format": each.format, "values": dict(each.values) or None}
        columns[name] = {part: value for part, value in parts.items() if value is not None}
    return {
        "source": mapping.source,
        "columns": columns,
        "amount": mapping.amount,
        "tax_rate": mapping.tax_rate,
        "customers": mapping.customers,
    }
