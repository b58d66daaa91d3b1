"""What a release of Mesos-DNS does otherwise than the others."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """A release.

    Args:
        version: the version, such as `v0.6.0`.
    """

    version: str

    @property
    def _numbers(self) -> tuple[int, ...]:
        found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", self.version)
        return tuple(int(each or 0) for each in found.groups()) if found else (0, 0, 0)

    @property
    def state_path(self) -> str:
        """The path of the masters' state."""
        return "/master/state" if self._numbers >= (0, 7) else "/master/state.json"

    @property
    def waits_for_state(self) -> bool:
        """Whether it listens only when it has read the state once. Earlier releases answer NXDOMAIN before that."""
        return self._numbers >= (0, 7)

    @property
    def has_every_address(self) -> bool:
        """Whether a name has every address of a task; otherwise only the first one. No tag up to 0.7.0-rc2 has them."""
        return self._numbers >= (0, 8)

    @property
    def weight(self) -> int:
        """The default weight of SRV records."""
        return 1 if self._numbers >= (0, 7) else 0

    @property
    def has_ipv6(self) -> bool:
        """Whether it knows IPv6. Earlier releases answer every question for AAAA in the same way."""
        return self._numbers >= (0, 7)

    @property
    def has_no_data(self) -> bool:
        """Whether a question for AAAA gets an empty answer. Before 0.5.1 it got NXDOMAIN."""
        return self._numbers > (0, 5, 0)

    @property
    def has_services_of_agents(self) -> bool:
        """Whether the ports of discovery infos also have services below `slave`."""
        return self._numbers >= (0, 8)

    @property
    def names_its_server(self) -> bool:
        """Whether the name of the name server (SOAMname) has an address. Before, that of the mailbox had."""
        return self._numbers >= (0, 7)

    @property
    def may_hide_cuts(self) -> bool:
        """Whether it has the key setTruncateBit."""
        return self._numbers >= (0, 7)

    @property
    def lists_names(self) -> bool:
        """Whether the HTTP API has `/v1/enumerate`."""
        return self._numbers >= (0, 5, 2)

    @property
    def transfers(self) -> bool:
        """Whether the HTTP API has `/v1/axfr`."""
        return self._numbers >= (0, 6)
