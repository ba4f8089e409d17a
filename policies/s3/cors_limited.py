"""Pages of strangers may not write to buckets."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, Text, problem
from stackproof.policy.alternatives import elements, unknown
from stackproof.policy.buckets import BUCKET
from stackproof.policy.reading import each_block

POLICY = Policy(
    id="SP524",
    severity=Severity.MEDIUM,
    types=(BUCKET,),
    rationale="Every page that a user opens could upload or delete with the address that was signed for him.",
    remediation="List the origins of your own pages in AllowedOrigins.",
    controls=("NIST AC-4",),
)

_WRITING = ("PUT", "POST", "DELETE")
_EVERYBODY = ("*", "http://*", "https://*")


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Reading from everywhere is what fonts and images are for."""
    configuration = bucket.block("CorsConfiguration")
    for rule in each_block(configuration, "CorsRules"):
        methods, origins = elements(rule, "AllowedMethods"), elements(rule, "AllowedOrigins")
        if all(f"{method}".upper() not in _WRITING for method in methods if not isinstance(method, Symbol)):
            if any(isinstance(method, Symbol) for method in methods) and any(map(_is_everybody, origins)):
                raise unknown(rule, "AllowedMethods", rule["AllowedMethods"])
            continue
        if any(map(_is_everybody, origins)):
            yield problem(bucket, rule.path_of("AllowedOrigins"), "pages of every origin may write to it")
        elif any(isinstance(origin, Symbol) and _may_be_everybody(origin) for origin in origins):
            raise unknown(rule, "AllowedOrigins", rule["AllowedOrigins"])


def _is_everybody(origin: object) -> bool:
    return origin in _EVERYBODY


def _may_be_everybody(origin: Symbol) -> bool:
    """Return whether a symbol may stand for every origin; beside constant text, such as a domain's, it does not."""
    return not isinstance(origin, Text)
