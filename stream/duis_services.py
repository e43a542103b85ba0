"""Which Service Request a DUIS message is of: its two references, held against the catalogue."""

from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS, ServiceRequestKind
from dcc_analytics.stream.duis_xml import DuisError, Element


def service_of(holder: Element) -> ServiceRequestKind:
    """Return the Service Request that ``ServiceReference`` and ``ServiceReferenceVariant`` name.

    Args:
        holder: the element they are in, a request's header or a response's message.

    Raises:
        DuisError: one is missing, the schema has no such variant, or it is one of another reference.
    """
    reference = holder.required("ServiceReference")
    variant = holder.required("ServiceReferenceVariant")
    service = SERVICE_REQUESTS.get(variant)
    if service is None:
        raise DuisError(f"no Service Request of DUIS has the Service Reference Variant: {variant[:40]!r}")
    if reference != reference_of(variant):
        raise DuisError(f"the Service Reference is not that of the Variant: '{reference[:40]} with {variant}'")
    return service


def reference_of(variant: str) -> str:
    """Return the Service Reference a variant belongs to: its first two numbers.

    >>> reference_of("8.14.1"), reference_of("11.2")
    ('8.14', '11.2')
    """
    return ".".join(variant.split(".")[:2])
