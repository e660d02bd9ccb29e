"""Signatures over received bytes, and the keys they are made and checked with."""
