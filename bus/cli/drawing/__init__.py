"""Routes as pictures: one chart, one layout, and what is written from them."""
