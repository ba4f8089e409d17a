"""Secrets are generated, not written."""

import json
from collections.abc import Iterator
from typing import Any

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import alternatives, unknown
from stackproof.policy.credentials import exposure, names_credential, password_in_address
from stackproof.policy.documents import pattern_text

POLICY = Policy(
    id="SP416",
    severity=Severity.HIGH,
    types=("AWS::SecretsManager::Secret",),
    rationale="A secret that is written into a template or a parameter was never one.",
    remediation="Use GenerateSecretString, or refer to another secret or resource in SecretString.",
    controls=("NIST IA-5(7)",),
)


def check(secret: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Of a JSON object only the members that are named like credentials count, and all where none is."""
    value = secret.get("SecretString")
    for part in _secret_parts(value):
        found = exposure(part, deployment, unknown(secret, "SecretString", value), within=True)
        if found:
            yield problem(secret, "SecretString", f"its value {found}")
            return
    if password_in_address(value):
        yield problem(secret, "SecretString", "its value is an address with a password in clear")
        return
    template = secret.block("GenerateSecretString").get("SecretStringTemplate")
    where = unknown(secret, "GenerateSecretString", template)
    for part in _secret_parts(template) if any(map(_members, alternatives(template))) else ():
        found = exposure(part, deployment, where, within=True)
        if found:
            yield problem(secret, "GenerateSecretString.SecretStringTemplate", f"its template {found}")
            return


def _secret_parts(value: Any) -> Iterator[Any]:
    """Iterate over what of a value is secret; symbols inside of JSON are left to `exposure` as a whole."""
    for option in alternatives(value):
        secret = _members(option)
        if secret and all(isinstance(text, str) and text.strip("\x00") == "" for text in secret):
            continue
        written = [text for text in secret if isinstance(text, str) and not {"\x00", "\x01"} & set(text)]
        yield from written or [option]


def _members(option: Any) -> list[Any]:
    """Return the members of a JSON object that are named like credentials."""
    try:
        content = json.loads(pattern_text(option), strict=False)
    except ValueError:
        return []
    members = content.items() if isinstance(content, dict) else ()
    return [text for name, text in members if names_credential(name)]
