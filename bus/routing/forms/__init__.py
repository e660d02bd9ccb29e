"""Statutory forms as documents of a case: what each one says, computed from the ledger. Pure.

`kinds` says which forms there are and when, `custody` who gave the dossier to whom, `chronicle`
what became of it, `documents` what stands on each sheet, and `issue` makes one. How a sheet looks
is the business of `bus.printing`.
"""
