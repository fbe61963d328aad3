"""Staff: the stores of the group, who works in them and how they sign in, and what was done by whom.

A *store* has a code, a time zone and a currency; every day and every amount elsewhere is read in those of its store.
An *account* signs in to the staff pages; an *API client* is a program with a token. Both act by *permissions*, which
are named "noun.verb"; a *role* is a named set of them, held by an account through an *assignment* to one store or to
all, from one day to another. A *second factor* is a code from an app on the phone, or a *recovery code* from paper.
The *audit trail* has a row for each change, written in the transaction of the change, and the database lets nobody
edit it.

Promises:
- Ending an assignment, disabling an account, changing a password and revoking a token work from the next request on;
  the first three end every session of the account.
- Finance, managers and administrators do nothing without a second factor; each code opens once, also at once from many
  sides. What may do great harm (roles, passwords and factors of others, tokens) asks for one of the last ten minutes.
- A password that somebody else chose opens nothing but the page that asks for another one.
- There is always an administrator who can sign in: the last one can be neither ended nor disabled; a trigger of the
  database holds it against two at once and against whatever passes the service.
- Passwords are kept as Argon2id hashes, recovery codes and tokens as hashes, secrets of apps sealed for their account.
- An unknown user name gets the same answer in the same time as a wrong password, and is locked out alike.

Roles stand in `rules`, and not in a table: what a role may do comes with the code that asks for the permission. The
codes are our own few lines and not Flask-Security's, which would take one twice and goes by the machine's clock.
"""
