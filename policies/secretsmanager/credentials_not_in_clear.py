"""Credentials are not written in templates or parameters."""

from collections.abc import Iterator
from typing import Any

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, each, is_list, problem
from stackproof.policy.alternatives import elements, unknown
from stackproof.policy.credentials import exposure

# Where resources take credentials; * is each element of a list. RDS has a policy of its own, SP308, and secrets SP416.
_CREDENTIALS = {
    "AWS::Amplify::App": ("AccessToken", "OauthToken", "BasicAuthConfig.Password"),
    "AWS::AmazonMQ::Broker": ("Users.*.Password",),
    "AWS::AppStream::DirectoryConfig": ("ServiceAccountCredentials.AccountPassword",),
    "AWS::CodeBuild::SourceCredential": ("Token",),
    "AWS::CodePipeline::Pipeline": ("Stages.*.Actions.*.Configuration.OAuthToken",),
    "AWS::CodePipeline::Webhook": ("AuthenticationConfiguration.SecretToken",),
    "AWS::Cognito::UserPoolIdentityProvider": ("ProviderDetails.client_secret",),
    "AWS::DMS::Endpoint": ("Password",),
    "AWS::DirectoryService::MicrosoftAD": ("Password",),
    "AWS::DirectoryService::SimpleAD": ("Password",),
    "AWS::DocDB::DBCluster": ("MasterUserPassword",),
    "AWS::ElastiCache::ReplicationGroup": ("AuthToken",),
    "AWS::ElastiCache::User": ("Passwords.*", "AuthenticationMode.Passwords.*"),
    "AWS::Elasticsearch::Domain": ("AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword",),
    "AWS::FSx::FileSystem": (
        "OntapConfiguration.FsxAdminPassword",
        "WindowsConfiguration.SelfManagedActiveDirectoryConfiguration.Password",
    ),
    "AWS::Glue::Connection": ("ConnectionInput.ConnectionProperties.PASSWORD",),
    "AWS::IAM::User": ("LoginProfile.Password",),
    "AWS::MemoryDB::User": ("AuthenticationMode.Passwords.*",),
    "AWS::OpenSearchService::Domain": ("AdvancedSecurityOptions.MasterUserOptions.MasterUserPassword",),
    "AWS::Redshift::Cluster": ("MasterUserPassword",),
    "AWS::RedshiftServerless::Namespace": ("AdminUserPassword",),
    "AWS::Timestream::InfluxDBInstance": ("Password",),
}

POLICY = Policy(
    id="SP411",
    severity=Severity.CRITICAL,
    types=tuple(_CREDENTIALS),
    rationale="A credential in a template or a parameter is known to everybody who reads the repository or deploys.",
    remediation="Refer to a secret with {{resolve:secretsmanager:…}}.",
    controls=("NIST IA-5(7)",),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Each property that takes a credential; a masked parameter is a parameter in clear."""
    for path in each(_CREDENTIALS[resource.type]):
        block, key, value = _find(resource.properties, path)
        found = exposure(value, deployment, unknown(block, key, value))
        if found:
            shown = value_path if (value_path := getattr(value, "path", "")) else block.path_of(key)
            yield problem(resource, shown, f"its {key} {found}")


def _find(block: Block, path: str) -> tuple[Block, str, Any]:
    """Return a value with the block and the key that hold it; one element of each list per run."""
    key, _, rest = path.partition(".")
    if rest.partition(".")[0] == "*":
        inner = rest.partition(".")[2]
        for element in each(elements(block, key)):
            return _find(element, inner) if inner and isinstance(element, Block) else (block, key, element)
        return block, key, None
    value = block.get(key)
    if rest and isinstance(value, Block):
        return _find(value, rest)
    return block, key, None if isinstance(value, Block) or is_list(value) else value
