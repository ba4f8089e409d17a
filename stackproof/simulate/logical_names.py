"""Names that CloudFormation makes up of a logical id alone, without the stack's name."""

from __future__ import annotations

import hashlib
import string

from stackproof.simulate.handlers import Wanted

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 12


def logical_name(wanted: Wanted) -> str:
    """Return a logical id with twelve random letters and digits, as secrets and parameters are called."""
    digest = hashlib.sha256(wanted.name.encode()).digest()
    return f"{wanted.logical_id}-{''.join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:_LENGTH])}"
