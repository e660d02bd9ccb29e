"""The history of the hub's database."""
