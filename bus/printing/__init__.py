"""How statutory forms look: one HTML template for each form and circular, and PDF made of it.

`html` and `pdf` need the extra `forms`; nothing else of the bus does.
"""
