"""Counter: the one page at a desk where whatever an owner brings is read and used.

A code of a benefit, a voucher, a member's number, a phone, a plate: whoever stands at the desk scans or types it into
one field. This feature knows no benefits and no vouchers. Whoever has something that can be used is a *drawer* of the
counter (`ports.Drawer`): it reads what was scanned, tells what a member can use, uses it, and takes that back. `wiring`
lists the drawers; the page shows them all in one way.

Promises: looking at something changes nothing; what is used is used once, however often the button is sent; the latest
ten of a store can be taken back by whoever may use; each answer has a colour, a sign and words.
"""
