"""The application for a WSGI server: `gunicorn wsgi:app`."""

from loyalty.app import create_app
from loyalty.kernel.heap import settle_heap

app = create_app()
settle_heap()
