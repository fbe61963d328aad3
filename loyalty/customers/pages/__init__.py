"""The staff pages of customers and vehicles."""

from loyalty.customers.pages import consents, editing, garage, households, merging, people, rights, whole
from loyalty.customers.pages.blueprint import blueprint

__all__ = ["blueprint", "consents", "editing", "garage", "households", "merging", "people", "rights", "whole"]
