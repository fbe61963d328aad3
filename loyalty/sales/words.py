"""How pages name kinds, states and fields."""

from flask_babel import lazy_gettext as _

KINDS = {
    "vehicle": _("Vehicle sale"),
    "service": _("Service"),
    "parts": _("Parts"),
    "accessory": _("Accessories"),
    "insurance": _("Insurance"),
    "warranty": _("Warranty"),
    "other": _("Other"),
}

# The usual categories of lines; a sales system may send others, which stand as they are.
CATEGORIES = {
    **KINDS,
    "labour": _("Labour"),
    "maintenance": _("Maintenance"),
    "repair": _("Repair"),
    "accessories": _("Accessories"),
    "vehicle": _("Vehicle"),
}

RUN_STATES = {
    "uploaded": (_("Columns to be mapped"), "due"),
    "due": (_("Waiting"), "info"),
    "running": (_("Running"), "info"),
    "done": (_("Done"), "ok"),
    "refused": (_("Refused"), "over"),
    "stopped": (_("Stopped"), "due"),
}

SALE_STATES = {
    "created": _("New"),
    "corrected": _("Corrected"),
    "same": _("Known, unchanged"),
    "rejected": _("Rejected"),
}

FIELDS = {
    "number": _("Sale number"),
    "line": _("Line number"),
    "date": _("Date"),
    "store": _("Store code"),
    "kind": _("Kind of sale"),
    "customer_no": _("Customer number"),
    "customer_name": _("Customer name"),
    "phone": _("Phone"),
    "currency": _("Currency"),
    "amount": _("Amount"),
    "tax": _("Tax"),
    "quantity": _("Quantity"),
    "category": _("Category"),
    "sku": _("Item number"),
    "vin": _("VIN"),
    "plate": _("Plate"),
    "model": _("Model"),
    "odometer": _("Mileage"),
    "delivered": _("Delivered on"),
}

# What came of an import, by the kind of effect; kinds without a title are left out.
EFFECTS = {
    "points.earn": _("Points issued"),
    "points.earn_pending": _("Points issued, usable later"),
    "points.revoke": _("Points taken back"),
    "points.debt": _("Points owed"),
    "points.settle_debt": _("Points that settled debts"),
    "points.growth_earn": _("Growth gained"),
    "points.growth_revoke": _("Growth lost"),
    "sales.odometer_left_out": _("Readings left out"),
}
