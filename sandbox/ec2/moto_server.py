"""moto's server, mended where moto 5.2.5 is not as EC2; run by its path, with moto's own arguments.

* The interfaces of an ended instance are free again; moto keeps them.
* A security group rule's id that is not known is an error of its own, which Terraform takes for done when it sends a
  revocation again (provider aws, vpc_security_group_ingress_rule.go); moto says that a permission is not found.
* Requests are answered one after the other: moto changes its lists and dictionaries without a lock, in many threads.
"""

from __future__ import annotations

import re
import sys
import threading
from functools import wraps
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import BaseResponse
from moto.ec2.exceptions import InvalidPermissionNotFoundError, InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.instances import Instance, InstanceState
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.server import main

_terminate = Instance.terminate
_answer = BaseResponse.call_action
_turn = threading.Lock()


def _terminate_and_detach(self: Instance) -> InstanceState:
    before = _terminate(self)
    for index, interface in list(self.nics.items()):
        if not interface.delete_on_termination:
            self.detach_eni(interface)
            # What moto answers of an instance, also of one that ended, it reads from its first interface.
            self.nics[index] = interface
    return before


def _answer_in_turn(self: BaseResponse) -> TYPE_RESPONSE:
    # What a client sends again is the trace of an answer that did not reach it.
    if found := re.search(r"\battempt=([2-9]|\d\d)", self.headers.get("amz-sdk-request", "")):
        print(f"sent again: {self._get_action()}, {found[0]}", file=sys.stderr, flush=True)
    with _turn:
        return _answer(self)


def _mend_revocation(name: str) -> None:
    """Has the backend's method of that name raise EC2's error for an id that it does not know."""
    revoke = getattr(SecurityGroupBackend, name)

    @wraps(revoke)
    def revoke_known(self: SecurityGroupBackend, **arguments: Any) -> None:
        try:
            revoke(self, **arguments)
        except InvalidPermissionNotFoundError:
            if ids := arguments.get("security_rule_ids"):
                raise InvalidSecurityGroupRuleIdNotFoundError(ids[0]) from None
            raise

    setattr(SecurityGroupBackend, name, revoke_known)


if __name__ == "__main__":
    Instance.terminate = _terminate_and_detach  # type: ignore[method-assign]
    BaseResponse.call_action = _answer_in_turn  # type: ignore[method-assign]
    _mend_revocation("revoke_security_group_ingress")
    _mend_revocation("revoke_security_group_egress")
    main(sys.argv[1:])
