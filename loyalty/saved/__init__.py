"""Saved filters: what a person asks of a list again and again, under a name, with a short address.

A filter belongs to who saved it and holds nothing but the list and the words of its address, so that it finds what the
list finds for whoever opens it: no more than that person may see. It can be shared with a store; everybody who works
there sees it then, and only its owner changes or removes it. Each person may choose one of a list's filters as the one
that the list opens with.
"""
