"""The JSON bodies of imports and of saved mappings."""

import base64
import binascii
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from loyalty.kernel.errors import Sentence
from loyalty.web.json_fields import CodeField, StrictSchema, WholeField

MOST_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 60


class ContentField(fields.Field[bytes]):
    """A file as base64."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> bytes:
        if not isinstance(value, str):
            raise ValidationError("Send the file as base64.")
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError("Send the file as base64.") from error
        if len(content) > MOST_BYTES:
            told = Sentence(
                "At most {most} MB are taken here. Hand larger files in on the page, or by the command loyalty import.",
                most=MOST_BYTES // (1024 * 1024),
            )
            raise ValidationError(told)
        return content


class ImportBody(StrictSchema):
    """A file to read, CSV or Excel; `mapping` says which column holds what, or `mapping_name` names a saved one."""

    file_name = CodeField(200, required=True)
    content = ContentField(required=True, metadata={"type": "string", "format": "byte"})
    mapping = fields.Dict(keys=fields.String(), load_default=None)
    mapping_name = CodeField(LONGEST_NAME, load_default=None)
    dry_run = fields.Boolean(truthy={True}, falsy={False}, load_default=False)


class MappingBody(StrictSchema):
    """A mapping to save: the source, and for each field its column or the value that stands for all rows."""

    source = fields.String(required=True)
    columns = fields.Dict(keys=fields.String(), required=True)
    amount = fields.String(validate=validate.OneOf(["gross", "net"]))
    tax_rate = fields.Raw()
    customers = fields.String()


class SavedMappingBody(Schema):
    """A saved mapping."""

    name = fields.String(required=True)
    body = fields.Dict(required=True)


class MappingsBody(Schema):
    """All saved mappings, by name."""

    items = fields.List(fields.Nested(SavedMappingBody), required=True)


class RunBody(Schema):
    """An import: `state` is uploaded, due, running, done, refused or stopped; `counts` are those so far."""

    id = WholeField(required=True)
    state = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    file_name = fields.String(required=True)
    file_bytes = WholeField(required=True)
    mapping = fields.Dict(allow_none=True)
    mapping_name = fields.String(allow_none=True)
    rows_total = WholeField(required=True)
    rows_done = WholeField(required=True, metadata={"description": "Rows read so far, the header among them."})
    counts = fields.Dict(required=True)
    problem = fields.String(allow_none=True, metadata={"description": "Why the file was refused as a whole."})
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    finished_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class RunsBody(Schema):
    """A page of imports, the latest first."""

    items = fields.List(fields.Nested(RunBody), required=True)
    next_cursor = fields.String(allow_none=True)


class RejectBody(Schema):
    """A cell that kept its sale from being taken: where, with which value, why, and the row as it stood."""

    row = WholeField(required=True)
    sale_number = fields.String(allow_none=True)
    column = fields.String(required=True)
    value = fields.String(allow_none=True)
    reason = fields.String(required=True)
    cells = fields.List(fields.Raw())


class RejectsBody(Schema):
    """A page of rejected cells in the order of the file."""

    items = fields.List(fields.Nested(RejectBody), required=True)
    next_cursor = fields.String(allow_none=True)


class PageQuery(StrictSchema):
    """Which page of a list."""

    cursor = fields.String(load_default=None)
    limit = fields.Integer(load_default=None, validate=validate.Range(1, 100))
