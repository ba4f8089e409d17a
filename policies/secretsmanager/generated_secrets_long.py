"""Generated secrets are long enough."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP424",
    severity=Severity.MEDIUM,
    types=("AWS::SecretsManager::Secret",),
    rationale="Nobody types a generated secret, and a short one is guessed.",
    remediation="Let PasswordLength be 16 at least, and give SecretStringTemplate and GenerateStringKey together.",
    controls=("NIST IA-5(1)",),
)

_SHORTEST = 16


def check(secret: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The length is 32 by default; a template without a key to fill generates nothing."""
    generated = secret.block("GenerateSecretString")
    if generated.integer("PasswordLength", 32) < _SHORTEST:
        length = generated.integer("PasswordLength")
        yield problem(secret, generated.path_of("PasswordLength"), f"it has {length} characters only")
    if stated(generated, "SecretStringTemplate") and not stated(generated, "GenerateStringKey"):
        yield problem(secret, generated.path_of("SecretStringTemplate"), "nothing is generated into its template")
