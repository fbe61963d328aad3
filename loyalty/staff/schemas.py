"""The JSON of staff."""

from marshmallow import Schema, fields, validate

from loyalty.kernel.paging import LARGEST_PAGE
from loyalty.web.json_fields import CodeField, StrictSchema


class StoreSchema(Schema):
    """A store."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    zone = fields.String(required=True, metadata={"description": "Time zone in which its days are read."})
    currency = fields.String(required=True)


class StoresSchema(Schema):
    """The stores that the token may see."""

    items = fields.List(fields.Nested(StoreSchema), required=True)


class AccountsQuery(Schema):
    """Which page of the accounts."""

    cursor = fields.String()
    limit = fields.Integer(validate=validate.Range(min=1, max=LARGEST_PAGE))


class NewAccountSchema(StrictSchema):
    """A new account; its person changes the password at the first sign-in."""

    username = fields.String(required=True)
    name = CodeField(60, required=True)
    email = fields.Email(load_default=None, allow_none=True)
    password = fields.String(required=True, load_only=True)


class HeldRoleSchema(Schema):
    """A role that an account holds; `store` null means all stores, `to_day` null no end."""

    role = fields.String(required=True)
    store = fields.String(required=True, allow_none=True)
    from_day = fields.Date(required=True)
    to_day = fields.Date(required=True, allow_none=True)


class AccountSchema(Schema):
    """An account with its roles."""

    id = fields.Integer(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    active = fields.Boolean(required=True)
    has_second_factor = fields.Boolean(required=True, attribute="has_factor")
    roles = fields.List(fields.Nested(HeldRoleSchema), required=True, attribute="assignments")


class AccountsSchema(Schema):
    """A page of accounts; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(AccountSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class SessionSchema(Schema):
    """One sign-in of an account."""

    agent = fields.String(required=True, metadata={"description": "What the browser says of itself."})
    address = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    seen_at = fields.DateTime(required=True)


class SessionsSchema(Schema):
    """Where an account is signed in."""

    items = fields.List(fields.Nested(SessionSchema), required=True)


class RoleSchema(Schema):
    """A role and what it may do."""

    role = fields.String(required=True)
    permissions = fields.List(fields.String(), required=True)
    needs_second_factor = fields.Boolean(required=True)


class RolesSchema(Schema):
    """All roles."""

    items = fields.List(fields.Nested(RoleSchema), required=True)
