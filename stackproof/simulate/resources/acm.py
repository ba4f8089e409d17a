"""ACM: certificates."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _validation(job: Job) -> None:
    """Refuse what would wait for ever: a name that is to be validated in a zone that cannot hold its record."""
    for option in job.take("DomainValidationOptions", ()):
        zone = option.get("HostedZoneId")
        if zone is None:
            continue
        name = job.other("route53").get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
        domain = str(option["DomainName"]).removeprefix("*.")
        if domain != name and not domain.endswith(f".{name}"):
            raise ValueError(f"The record that validates {domain} cannot stand in the hosted zone {zone} of {name}.")


def _options(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with the API's options for the two that CloudFormation writes beside them."""
    named = {ours: theirs for ours, theirs in _OPTIONS.items() if ours in properties}
    options = {theirs: properties.pop(ours) for ours, theirs in named.items()}
    return properties | ({"Options": options} if options else {})


_OPTIONS = {
    "CertificateTransparencyLoggingPreference": "CertificateTransparencyLoggingPreference",
    "CertificateExport": "Export",
}


RECIPES = (
    Recipe(
        "AWS::CertificateManager::Certificate",
        "acm",
        "request_certificate",
        "CertificateArn",
        "delete_certificate",
        "CertificateArn",
        attributes={"CertificateArn": "CertificateArn"},
        prepare=_options,
        late=("DomainValidationOptions",),
        after=_validation,
        hidden=("DomainValidationOptions",),
        show=("describe_certificate:CertificateArn", "list_tags_for_certificate:CertificateArn"),
    ),
)
