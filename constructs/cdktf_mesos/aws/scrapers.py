"""The servers that scrape metrics, as address ranges."""

from __future__ import annotations

from collections.abc import Sequence

from constructs import Construct

from cdktf_mesos.aws.places import check_range
from cdktf_mesos.errors import invalid

# Marathon gives its metrics at the port of its API, and so whoever may scrape may also deploy. So no range may be
# larger than the largest private one (RFC 1918).
_LARGEST, _SMALLEST = 8, 32


def check_prometheus_cidrs(construct: Construct | str, cidrs: Sequence[str]) -> list[str]:
    """Return the ranges. Refuse one that is malformed, larger than /8 or there twice."""
    if isinstance(cidrs, str):
        raise invalid(construct, "prometheus_cidrs", cidrs, "Use a list of ranges, such as ['10.1.2.3/32']")
    for cidr in cidrs:
        check_range(construct, "prometheus_cidrs", cidr, largest=_LARGEST, smallest=_SMALLEST)
        if "/" not in cidr or list(cidrs).count(cidr) > 1:
            raise invalid(construct, "prometheus_cidrs", cidr, "Use ranges such as '10.1.2.3/32', each once")
    return list(cidrs)
