"""Which names and values are credentials."""

import pytest

from stackproof.policy.credentials import is_pointer, names_credential
from stackproof.symbols import Reference, Text, Unbound


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD", "DbPassword", "GitHubToken", "OAuthToken", "AUTH_TOKEN", "ClientSecret", "client_secret",
        "SECRET_KEY", "DjangoSecretKey", "ApiKey", "API_KEY", "APIKey", "SecretAccessKey", "PrivateKey", "pwd",
        "MasterUserPassword", "Passphrase",
    ],
)  # fmt: skip
def test_names_of_credentials(name: str) -> None:
    """The last words say it, in every way of writing them."""
    assert names_credential(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "PasswordLength", "SecretArn", "SecretName", "DatabaseSecret", "DB_SECRET", "RotatePassword", "SORT_KEY",
        "PartitionKey", "KmsKey", "KeyName", "PublicKey", "TokenUrl", "UsePassword", "EncryptionKey", "MaxTokens",
        "AccessKeyId", "KEY",
    ],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    """What is about a credential, or points to one, is none."""
    assert not names_credential(name)


@pytest.mark.parametrize(
    ("value", "points"),
    [
        ("arn:aws:secretsmanager:us-east-1:1:secret:a", True),
        ("/orders/password", True),
        ("https://example.org/token", True),
        ("https://user:pass@example.org", False),
        ("hunter2", False),
        (Unbound("TokenArn"), True),
        (Unbound("Token"), False),
        (Text(("arn:aws:ssm:", Reference("", "A"))), True),
        (Reference("", "A"), False),
        (7, False),
    ],
)
def test_pointers(value: object, points: bool) -> None:
    """ARNs, paths, addresses without credentials, and parameters that are named like one."""
    assert is_pointer(value) is points
