"""ACM: certificates."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe, Tagging


def _before(job: Job) -> None:
    """Refuse what would wait for ever: a name that is to be validated in a zone that cannot hold its record."""
    for option in job.wanted.properties.get("DomainValidationOptions", ()):
        zone = option.get("HostedZoneId")
        if zone is None:
            continue
        name = job.other("route53").get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
        domain = str(option["DomainName"]).removeprefix("*.")
        if domain != name and not domain.endswith(f".{name}"):
            raise ValueError(f"The record that validates {domain} cannot stand in the hosted zone {zone} of {name}.")


def _validation(job: Job) -> None:
    """Write the records that validate the names into their zones, as CloudFormation does; nobody removes them later."""
    if job.wanted.properties.get("ValidationMethod") != "DNS":
        return
    zones = {
        option["DomainName"]: option["HostedZoneId"]
        for option in job.wanted.properties.get("DomainValidationOptions", ())
        if "HostedZoneId" in option
    }
    shown = job.client.describe_certificate(CertificateArn=job.physical_id)["Certificate"]
    for option in shown["DomainValidationOptions"]:
        if option["DomainName"] in zones:
            _write(job, zones[option["DomainName"]], option["ResourceRecord"])


def _write(job: Job, zone: str, record: dict[str, str]) -> None:
    records = {"Name": record["Name"], "Type": record["Type"], "TTL": 300}
    change = {"Action": "UPSERT", "ResourceRecordSet": {**records, "ResourceRecords": [{"Value": record["Value"]}]}}
    job.other("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def _prepared(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties as ACM takes them, which has nothing to do with the zones of the names."""
    return _options(_domains(properties))


def _domains(properties: dict[str, Any]) -> dict[str, Any]:
    options = properties.pop("DomainValidationOptions", ())
    domains = [
        {"DomainName": option["DomainName"], "ValidationDomain": option["ValidationDomain"]}
        for option in options
        if "ValidationDomain" in option
    ]
    return properties | ({"DomainValidationOptions": domains} if domains else {})


def _change(job: Job) -> None:
    """Log the certificate in public, or not: the one thing that is changed without a new certificate."""
    name = "CertificateTransparencyLoggingPreference"
    if job.touched(name):
        options = {name: job.wanted.properties.get(name, "ENABLED")}
        job.client.update_certificate_options(CertificateArn=job.physical_id, Options=options)


def _zones(job: Job) -> Any:
    """Return where the records stand that validate the names."""
    shown = job.client.describe_certificate(CertificateArn=job.physical_id)["Certificate"]
    found = []
    for option in job.wanted.properties.get("DomainValidationOptions", ()):
        records = {entry["DomainName"]: entry.get("ResourceRecord") for entry in shown["DomainValidationOptions"]}
        if "HostedZoneId" in option and records.get(option["DomainName"]):
            name = records[option["DomainName"]]["Name"]
            answer = job.other("route53").list_resource_record_sets(
                HostedZoneId=option["HostedZoneId"], StartRecordName=name, StartRecordType="CNAME", MaxItems="1"
            )
            found += [option for entry in answer["ResourceRecordSets"] if entry["Name"] == name]
    return found


def _method(job: Job) -> Any:
    """Return how the certificate is validated, as the template says it."""
    shown = job.client.describe_certificate(CertificateArn=job.physical_id)["Certificate"]
    return {name: option.get(name) for option in shown["DomainValidationOptions"] for name in ("ValidationMethod",)}


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
        before=_before,
        prepare=_prepared,
        after=_validation,
        change=_change,
        tagging=Tagging("add_tags_to_certificate", "remove_tags_from_certificate", "CertificateArn", keys="Tags"),
        show=("describe_certificate:CertificateArn", "list_tags_for_certificate:CertificateArn", _zones, _method),
    ),
)
