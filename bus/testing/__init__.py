"""Shipped kit for adapter authors and tests: contract suites, builders and scripted fakes."""
