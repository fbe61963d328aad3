"""Pages of messages, of replies and channels, and of templates."""

from loyalty.messaging.pages import drafts, hooks, house, messages, opt_out, templates
from loyalty.messaging.pages.blueprint import blueprint
from loyalty.messaging.pages.drafts import blueprint as draft_blueprint
from loyalty.messaging.pages.hooks import blueprint as hook_blueprint
from loyalty.messaging.pages.opt_out import blueprint as opt_out_blueprint
from loyalty.messaging.pages.panels import customer_panels
from loyalty.messaging.pages.templates import blueprint as template_blueprint

BLUEPRINTS = (blueprint, draft_blueprint, template_blueprint, opt_out_blueprint, hook_blueprint)

__all__ = ["BLUEPRINTS", "customer_panels", "drafts", "hooks", "house", "messages", "opt_out", "templates"]
