"""moto's server, in which the interfaces of an ended instance are free again, as in EC2; moto 5.2.5 keeps them.

Run by its path, with moto's own arguments.
"""

from __future__ import annotations

import sys

from moto.ec2.models.instances import Instance, InstanceState
from moto.server import main

_terminate = Instance.terminate


def _terminate_and_detach(self: Instance) -> InstanceState:
    before = _terminate(self)
    for index, interface in list(self.nics.items()):
        if not interface.delete_on_termination:
            self.detach_eni(interface)
            # What moto answers of an instance, also of one that ended, it reads from its first interface.
            self.nics[index] = interface
    return before


if __name__ == "__main__":
    Instance.terminate = _terminate_and_detach  # type: ignore[method-assign]
    main(sys.argv[1:])
