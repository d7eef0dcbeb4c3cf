"""The tick."""
