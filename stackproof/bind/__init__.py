"""Bind: a system's manifest, or a template's own defaults, give every parameter its value."""
