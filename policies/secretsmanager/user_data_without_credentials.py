"""User data of instances holds no credentials."""

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from stackproof.policy import (
    Deferred,
    Deployment,
    Policy,
    Problem,
    Resource,
    Severity,
    SsmParameter,
    Symbol,
    Text,
    Unbound,
    as_text,
    problem,
)
from stackproof.policy.alternatives import alternatives, unknown

POLICY = Policy(
    id="SP413",
    severity=Severity.CRITICAL,
    types=("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"),
    rationale="Every process of an instance and everybody who may describe it can read its user data.",
    remediation="Let the instance read a secret of Secrets Manager or of Parameter Store with its role.",
    controls=("NIST IA-5(7)",),
)

# A value that is no variable of the shell, no command and no placeholder; parameters without a value count as one.
_VALUE = r"""["']?(?![$<{(`\\*]|%\w+%|null\b|none\b|true\b|false\b)[^\s"'`$(){}<>\\;|&,]{6,}"""
_CREDENTIALS = {
    "an access key of AWS": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN ([A-Z]+ )*PRIVATE KEY-----"),
    "a secret key of AWS": re.compile(r"aws_secret_access_key[\"']?\s*[=:]\s*[\"']?[A-Za-z0-9/+]{40}\b", re.IGNORECASE),
    "a password": re.compile(
        rf"(password|passwd|passphrase|secret_key|api_?key|auth_token)[\"']?\s*[=:]\s*{_VALUE}",
        re.IGNORECASE,
    ),
    "an address with a password": re.compile(
        r"\b[a-z][a-z0-9+.-]*://[^\s:/@\"'`$<>()]*:(?![$%<{*])[^\s:/@\"'`$<>(){}\\]{4,}@", re.I
    ),
}


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The text is read as it will arrive, decoded and with parameters put in."""
    launch = resource.type == "AWS::EC2::LaunchTemplate"
    block = resource.block("LaunchTemplateData") if launch else resource.properties
    for value in alternatives(block.get("UserData")):
        text = _text(value)
        if text is None:
            raise unknown(block, "UserData", value)
        for kind, pattern in _CREDENTIALS.items():
            if pattern.search(text):
                yield problem(resource, block.path_of("UserData"), f"its user data holds {kind}")


def _text(value: Any) -> str | None:
    """Return user data as text, a sign of a shell's variable in place of what is no parameter; None for no text."""
    if isinstance(value, Deferred) and value.function == "Fn::Base64":
        return _shown(value.arguments[0])
    if isinstance(value, Symbol):
        return None if not isinstance(value, Text) else _shown(value)
    try:
        return b64decode(as_text(value), validate=True).decode()
    except ValueError:
        return as_text(value)


def _shown(value: Any) -> str | None:
    if isinstance(value, Text):
        return "".join(_shown(part) or "$" for part in value.parts)
    if isinstance(value, Unbound | SsmParameter):
        return "PARAMETER"
    return None if isinstance(value, Symbol) else as_text(value)
