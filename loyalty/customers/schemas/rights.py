"""The JSON of merges, copies and erasures."""

from marshmallow import Schema, fields

from loyalty.customers.rules import CHOOSABLE
from loyalty.customers.schemas.fields import one_of
from loyalty.web.api import EffectBody
from loyalty.web.json_fields import CodeField, MomentField, StrictSchema


class NewMergeSchema(StrictSchema):
    """The customer that becomes part of this one, and whose fields replace this one's."""

    gone = CodeField(40, required=True, metadata={"description": "Number of the other customer."})
    take = fields.List(one_of(CHOOSABLE), load_default=list, metadata={"description": "Fields taken from the other."})
    dry_run = fields.Boolean(truthy={True}, falsy={False}, load_default=False)


class MergeEffectsSchema(Schema):
    """What a call changed."""

    effects = fields.List(fields.Nested(EffectBody), required=True)


class MergedSchema(MergeEffectsSchema):
    """A merge; `id` is null after a dry run."""

    id = fields.Integer(required=True, allow_none=True)


class PartedSchema(MergeEffectsSchema):
    """What went back."""


class MergeSchema(Schema):
    """A merge as it is kept."""

    id = fields.Integer(required=True)
    kept_number = fields.String(required=True, data_key="kept")
    gone_number = fields.String(required=True, data_key="gone")
    merged_at = MomentField(required=True)
    until_at = MomentField(required=True)
    parted_at = MomentField(required=True, allow_none=True)


class MergesSchema(Schema):
    """The merges of a customer."""

    items = fields.List(fields.Nested(MergeSchema), required=True)


class CopySchema(Schema):
    """Everything about a person: rows by the name of the part."""

    parts = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), required=True)


class ErasureAskedSchema(Schema):
    """A request of erasure that waits, or none."""

    waiting = fields.Boolean(required=True)
    asked_at = MomentField(required=True, allow_none=True)
    asked_by = fields.String(required=True, allow_none=True, metadata={"description": "owner, staff or client"})


class ErasureSchema(StrictSchema):
    """How an erasure is asked for."""

    dry_run = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
