"""Staff: the stores of the group, who works in them, and what was done by whom.

A *store* has a code, a time zone and a currency; every day and every amount elsewhere is read in those of its store.
An *account* signs in to the staff pages; an *API client* is a program with a token. Both act by *permissions*, which
are named "noun.verb"; a *role* is a named set of them, held by an account through an *assignment* to one store or to
all, from one day to another. The *audit trail* has a row for each change, written in the transaction of the change,
and the database lets nobody edit it.

Promises:
- Ending an assignment, disabling an account, changing a password and revoking a token work from the next request on.
- There is always an administrator who can sign in: the last one can be neither ended nor disabled.
- Passwords are kept as Argon2id hashes and tokens as SHA-256 hashes; neither can be read again.
- An unknown user name gets the same answer in the same time as a wrong password, and is locked out alike.

Roles stand in `rules`, and not in a table: what a role may do comes with the code that asks for the permission.
"""
