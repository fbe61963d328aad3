"""The JSON of rule versions."""

from marshmallow import Schema, fields, validate

from loyalty.web.json_fields import CodeField, MomentField, StrictSchema


class DraftSchema(StrictSchema):
    """A new version."""

    kind = CodeField(40, required=True)
    body = fields.Raw(required=True, metadata={"type": "object", "description": "The rules, as their kind has them."})
    effective_from = MomentField(
        load_default=None,
        allow_none=True,
        metadata={"description": "From when it is in force; left out: from its approval on."},
    )


class VersionsQuery(StrictSchema):
    """Which versions are asked for."""

    kind = fields.String(load_default=None)
    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None)


class VersionHeadSchema(Schema):
    """A version of the rules without the rules themselves."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"enum": ["draft", "in_review", "active", "retired"]})
    effective_from = MomentField(required=True, allow_none=True)
    author = fields.String(required=True, allow_none=True)
    approver = fields.String(required=True, allow_none=True)
    sha256 = fields.Function(lambda version: version.sha256.hex(), metadata={"type": "string"})
    created_at = MomentField(required=True)
    activated_at = MomentField(required=True, allow_none=True)


class VersionSchema(VersionHeadSchema):
    """A version of the rules."""

    body = fields.Dict(required=True)


class VersionsSchema(Schema):
    """A page of versions, newest first."""

    items = fields.List(fields.Nested(VersionHeadSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


KNOWN = validate.Range(min=1, max=2**63 - 1)


class NoteSchema(StrictSchema):
    """Why it is done."""

    note = fields.String(load_default="", validate=validate.Length(max=500))


class CompareQuery(StrictSchema):
    """Which two versions are compared."""

    before = fields.Integer(required=True, validate=KNOWN)
    after = fields.Integer(required=True, validate=KNOWN)


class DifferenceSchema(Schema):
    """A field that is not the same, in words of the language asked for; null where a version does not have it."""

    within = fields.List(fields.String(), required=True, metadata={"description": "What the field is part of."})
    field = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    change = fields.String(required=True, metadata={"enum": ["changed", "added", "removed"]})


class ComparisonSchema(Schema):
    """What is different between two versions."""

    before = fields.Integer(required=True)
    after = fields.Integer(required=True)
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)
