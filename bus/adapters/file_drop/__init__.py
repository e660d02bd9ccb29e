"""A legacy system that only knows files: a folder of CSV or JSON in, a folder of JSON out."""
