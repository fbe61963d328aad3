"""`loyalty backup` and `loyalty restore`: one file that holds everything that must last.

The file is a tar of a manifest, the database (as `pg_dump` writes it) and the files that were handed in. The manifest
says which version of the product and of the schema wrote it, how many rows each table had in the very snapshot that was
dumped, and carries a value sealed with the field keys. So a restore tells *before* it touches anything that a file is
cut, that it is newer than this version, or that the keys are others; and it ends with the same number of rows in every
table or changes nothing at all, since the whole of it is one transaction.

Secrets are never in the file: keep LOYALTY_SECRET_KEY and LOYALTY_FIELD_KEYS elsewhere. Valkey is not in it either:
nothing there must last. All sessions end with a restore, since some of them may have been ended after the backup.
"""

from loyalty.cli.backups.commands import backup, restore

__all__ = ["backup", "restore"]
