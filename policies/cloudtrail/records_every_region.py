"""Trails record the management of every region."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, as_text, problem
from stackproof.policy.reading import blocks, members

POLICY = Policy(
    id="SP751",
    severity=Severity.HIGH,
    types=("AWS::CloudTrail::Trail",),
    rationale="Intruders work in regions that nobody uses, and what no trail records nobody can reconstruct.",
    remediation="Set IsMultiRegionTrail to true, and record management events that read and that write.",
    controls=("FSBP CloudTrail.1", "CIS 3.1", "NIST AU-2", "NIST AU-12"),
)


def check(trail: Resource, deployment: Deployment) -> Iterator[Problem]:
    """One complete trail is enough; others may be for the data of a bucket alone."""
    problems = list(_gaps(trail))
    others = (other for other in deployment.of_type("AWS::CloudTrail::Trail") if other is not trail)
    if problems and not any(not list(_gaps(other)) for other in others):
        yield from problems


def _gaps(trail: Resource) -> Iterator[Problem]:
    if not trail.boolean("IsMultiRegionTrail"):
        yield problem(trail, "IsMultiRegionTrail", "it records one region only")
    if not trail.boolean("IncludeGlobalServiceEvents", default=True):
        yield problem(trail, "IncludeGlobalServiceEvents", "it leaves out IAM and other global services")
    selectors, advanced = blocks(trail.properties, "EventSelectors"), blocks(trail.properties, "AdvancedEventSelectors")
    if selectors and not any(map(_records_management, selectors)):
        yield problem(trail, "EventSelectors", "it leaves out management events")
    if advanced and not any(map(_selects_management, advanced)):
        yield problem(trail, "AdvancedEventSelectors", "it leaves out management events")


def _records_management(selector: Block) -> bool:
    return selector.boolean("IncludeManagementEvents", default=True) and selector.text("ReadWriteType", "All") == "All"


def _selects_management(selector: Block) -> bool:
    """Return whether an advanced selector takes all management events; sources may be left out, such as KMS."""
    fields = {field.text("Field"): field for field in blocks(selector, "FieldSelectors")}
    category = fields.get("eventCategory")
    is_management = category is not None and "Management" in map(as_text, members(category, "Equals"))
    return is_management and "readOnly" not in fields
