"""The server and the programs that talk to it are shared with other folders."""

from __future__ import annotations

from tests.integration.conftest import ROOT, STACKPROOF, Aws, Ran, Served, serving

__all__ = ["ROOT", "STACKPROOF", "Aws", "Ran", "Served", "serving"]
