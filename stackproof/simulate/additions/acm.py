"""ACM: how a certificate is validated, its kind of key, and options that are changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.acm import models as _models

from stackproof.simulate.additions.keeping import Item, Method, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_known = models.CertBundle.describe


def _described(certificate: Any) -> dict[str, Any]:
    """Show how each name is validated: by a record, or by mail to whom the request says."""
    answer: dict[str, Any] = _known(certificate)
    shown = answer["Certificate"]
    given = vars(certificate)
    if given.get("key_algorithm"):
        shown["KeyAlgorithm"] = given["key_algorithm"]
    if given.get("method") == "EMAIL" and "DomainValidationOptions" in shown:
        domains = given.get("validation_domains", {})
        for option in shown["DomainValidationOptions"]:
            option.pop("ResourceRecord")
            domain = domains.get(option["DomainName"], option["DomainName"])
            mails = [f"{name}@{domain}" for name in ("administrator", "hostmaster", "postmaster", "webmaster", "admin")]
            option |= {"ValidationMethod": "EMAIL", "ValidationDomain": domain, "ValidationEmails": mails}
    return answer


def _request_certificate(response: Response, request: Item) -> Any:
    answer = response.request_certificate()
    certificate = response.acm_backend.get_certificate(answer.result["CertificateArn"])
    certificate.key_algorithm = request.get("KeyAlgorithm", "")
    certificate.method = request.get("ValidationMethod", "EMAIL")
    options = request.get("DomainValidationOptions", ())
    certificate.validation_domains = {entry["DomainName"]: entry["ValidationDomain"] for entry in options}
    return answer


def _update_certificate_options(response: Response, request: Item) -> Any:
    certificate = response.acm_backend.get_certificate(request["CertificateArn"])
    certificate.cert_options.update(request["Options"])
    return {}


METHODS: Mapping[tuple[str, str], Method] = {
    ("acm", "RequestCertificate"): _request_certificate,
    ("acm", "UpdateCertificateOptions"): _update_certificate_options,
}

PATCHES = ((models.CertBundle, "describe", _described),)
