"""The blueprint that all operations of members share."""

from loyalty.web.api import ApiBlueprint

operations = ApiBlueprint(
    "members",
    __name__,
    url_prefix="/members",
    description="Members, their points and levels. Every answer that changed something tells its effects.",
)
