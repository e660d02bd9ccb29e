"""The history of the two kinds of database, run by Alembic."""
