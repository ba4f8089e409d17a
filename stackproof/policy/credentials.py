"""Credentials: what is called like one, and whether a value gives one away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.load.template import Parameter, Template
from stackproof.policy.alternatives import alternatives, leaves
from stackproof.policy.documents import pattern_text
from stackproof.resolve.values import Undecidable
from stackproof.symbols import Dynamic, Imported, Reference, SsmParameter, Symbol, Text, Unbound, join

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CREDENTIALS = frozenset({"password", "passwords", "passwd", "pwd", "passphrase", "token", "passcode"})
_OWNERS_OF_SECRETS = frozenset(
    {"api", "app", "application", "auth", "client", "consumer", "cookie", "hmac", "jwt", "oauth", "session", "shared"}
    | {"signing", "webhook"}
)
_KINDS_OF_KEYS = frozenset({"access", "api", "auth", "private", "secret", "signing"})
_SWITCHES = frozenset(
    {"allow", "create", "disable", "enable", "force", "generate", "has", "is", "manage", "need", "needs", "require"}
    | {"reset", "rotate", "show", "use", "uses", "with"}
)
_POINTER = re.compile(r"arn:|/|https?://[^@]*\Z|s3://")
_POINTING = ("arn", "id", "name", "path", "url", "uri", "file")
_ANSWERS = frozenset({"true", "false", "yes", "no"})


def names_credential(name: str) -> bool:
    """Return whether a parameter, variable or key of that name holds a credential itself.

    ``DB_PASSWORD``, ``GitHubToken`` and ``ClientSecret`` do; ``PasswordLength``, ``SecretArn``, ``RotatePassword`` and
    ``SORT_KEY`` do not, and neither does ``DatabaseSecret``, which is as a rule the name of a secret.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[0] in _SWITCHES:
        return False
    last, owner = words[-1], words[-2] if len(words) > 1 else ""
    if last in ("secret", "secrets"):
        return owner in _OWNERS_OF_SECRETS
    if last == "key":
        return owner in _KINDS_OF_KEYS
    return last in _CREDENTIALS


def exposure(value: Any, deployment: Deployment, undecidable: Undecidable, *, within: bool = False) -> str:
    """Return how a value gives a credential away, as a clause that follows its name; empty where it does not.

    A dynamic reference to Secrets Manager or to a secure parameter does not, and neither does what another resource
    makes. A masked (``NoEcho``) parameter does: its value lies on the machine, in the shell history and in the pipeline
    of whoever deploys. Constant text beside a reference is a part of the credential that everybody knows.

    Parameters:
        value: what is judged.
        deployment: where references lead.
        undecidable: what to raise.
        within: whether the credential is only a part of the value, such as of an address.

    Raises:
        Undecidable: the given one, where another stack or a function decides.
    """
    for option in alternatives(value):
        found = _exposure(join((option,)) if isinstance(option, str) else option, deployment, within=within)
        if found is None:
            raise undecidable
        if found:
            return found
    return ""


def _exposure(value: Any, deployment: Deployment, *, within: bool) -> str | None:
    if not isinstance(value, Symbol):
        return "" if value == "" else "is in clear, in the template or in a parameter"
    inner = leaves(value)
    if any(isinstance(leaf, Dynamic) and leaf.service != "ssm" for leaf in inner):
        known = isinstance(value, Text) and any(isinstance(part, str) for part in value.parts)
        return "has constant text beside its dynamic reference" if known and not within else ""
    for leaf in inner:
        found = _of_symbol(leaf, deployment)
        if found:
            return found
    if any(isinstance(leaf, Imported) for leaf in inner) or not inner:
        return None
    generated = any(isinstance(leaf, Reference) for leaf in inner)
    return "is put together from what everybody knows" if isinstance(value, Text) and not generated else ""


def _of_symbol(symbol: Symbol, deployment: Deployment) -> str:
    if isinstance(symbol, Unbound):
        return f"is the parameter {symbol.parameter}, whose value is given in clear"
    if isinstance(symbol, SsmParameter):
        return f"is the parameter {symbol.parameter}, which Parameter Store keeps unencrypted"
    if isinstance(symbol, Dynamic):
        return "is read from a plain parameter of Parameter Store, which is not encrypted"
    resource = deployment.follow(symbol)
    if resource is not None and resource.type == "AWS::SSM::Parameter":
        return "is read from a plain parameter of Parameter Store, which is not encrypted"
    return ""


_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@([^/\s:?]*)")
_PLACEHOLDER = re.compile(r"[$<%{\x00\x01]")
_OWN_HOST = frozenset({"localhost", "127.0.0.1"})


def password_in_address(value: Any) -> bool:
    """Return whether a value is an address with a password written into it: ``postgres://user:word@host``.

    A reference in place of the password is none, nor is a placeholder that the program fills in, such as ``$PASSWORD``,
    and what runs beside the program on its own host is reached by nobody else.
    """
    found = (match for option in alternatives(value) for match in _ADDRESS.finditer(pattern_text(option)))
    return any(not _PLACEHOLDER.search(match[1]) and match[2] not in _OWN_HOST for match in found)


def is_pointer(value: Any) -> bool:
    """Return whether a value says where a credential lies, and is none: an ARN, a path, a parameter ``SecretArn``."""
    if isinstance(value, str):
        return _POINTER.match(value) is not None or value.lower() in ("true", "false", "none")
    if isinstance(value, Text):
        return isinstance(value.parts[0], str) and _POINTER.match(value.parts[0]) is not None
    if isinstance(value, Unbound | SsmParameter):
        words = _WORD.findall(value.parameter)
        return bool(words) and words[-1].lower() in _POINTING
    return False


def credential_parameters(template: Template) -> Iterator[Parameter]:
    """Iterate over the parameters of a template that take a credential as text."""
    for parameter in template.parameters.values():
        switch = bool(parameter.allowed_values) and {text.lower() for text in parameter.allowed_values} <= _ANSWERS
        if parameter.type in ("String", "CommaDelimitedList") and not switch and names_credential(parameter.name):
            yield parameter
