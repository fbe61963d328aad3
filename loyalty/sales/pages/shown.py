"""Sales: the list, and one with its lines, refunds, earlier versions and what came of it."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from loyalty.kernel.paging import page_size
from loyalty.sales import queries
from loyalty.sales.pages.blueprint import blueprint
from loyalty.sales.words import CATEGORIES, KINDS
from loyalty.staff.queries import stores
from loyalty.web.guards import guard
from loyalty.web.requests import current_actor


@blueprint.get("/sales")
@guard("sales.read")
def list_sales() -> ResponseReturnValue:
    """Show sales, the latest recorded first, narrowed by store and kind."""
    scope = current_actor().scope("sales.read")
    store, kind = request.args.get("store") or None, request.args.get("kind") or None
    wanted = queries.Wanted(store=store, kind=kind if kind in KINDS else None)
    page = queries.sales_page(scope, wanted, limit=page_size(None), cursor=request.args.get("cursor"))
    return render_template("sales/list.html", page=page, wanted=wanted, kinds=KINDS, stores=stores(scope))


@blueprint.get("/sales/<int:sale_id>")
@guard("sales.read")
def show_sale(sale_id: int) -> ResponseReturnValue:
    """Show one sale."""
    sale = queries.sale_by_id(sale_id, current_actor().scope("sales.read"))
    return render_template(
        "sales/sale.html",
        sale=sale,
        kinds=KINDS,
        categories=CATEGORIES,
        effects=queries.effects_of(sale),
        refunds=queries.refunds_of(sale),
        versions=queries.versions_of(sale),
    )
