"""The history of an edge node's database."""
