"""moto's server, fixed where moto 5.2.5 differs from EC2. Run as a script, with moto's own arguments.

* The interfaces of a terminated instance are free again. moto keeps them attached.
* An unknown id of a security group rule is a separate error. Terraform takes this error of a revocation as success
  (provider aws, vpc_security_group_ingress_rule.go). moto reports an unknown permission instead.
* A rule whose peer is a group has its description. moto returns only that of rules with a range of addresses, so
  Terraform would plan to change it again and again.
* Requests are answered one after the other, because moto changes lists and dictionaries in many threads without a lock.
* A request that a client sends again gets the first answer again. Under load some answers do not reach their clients,
  and moto would report that what the first request has removed is unknown.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from functools import wraps
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import BaseResponse
from moto.ec2.exceptions import InvalidPermissionNotFoundError, InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.instances import Instance, InstanceState
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.server import main

_terminate = Instance.terminate
_answer = BaseResponse.call_action
_turn = threading.Lock()
# The latest answers, by the ids of their requests. A client sends a request again within seconds.
_answers: OrderedDict[str, TYPE_RESPONSE] = OrderedDict()
_KEPT_ANSWERS = 100


def _terminate_and_detach(self: Instance) -> InstanceState:
    before = _terminate(self)
    for index, interface in list(self.nics.items()):
        if not interface.delete_on_termination:
            self.detach_eni(interface)
            # moto describes an instance, also a terminated one, from its first interface, so keep that one listed.
            self.nics[index] = interface
    return before


def _answer_in_turn(self: BaseResponse) -> TYPE_RESPONSE:
    # All attempts of a request have the same id (AWS SDKs, retry behavior).
    id = self.headers.get("amz-sdk-invocation-id")
    with _turn:
        if id in _answers:
            print(f"answered again: {self._get_action()}", file=sys.stderr, flush=True)
            return _answers[id]
        answer = _answer(self)
        if id:
            _answers[id] = answer
        if len(_answers) > _KEPT_ANSWERS:
            _answers.popitem(last=False)
        return answer


def _fix_revocation(name: str) -> None:
    """Makes the backend's method of this name raise EC2's error for an unknown id."""
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


def _description(self: SecurityGroupRule) -> str | None:
    return self.ip_range.get("Description") or self.source_group.get("Description")


if __name__ == "__main__":
    SecurityGroupRule.description = property(_description)  # type: ignore[method-assign, assignment]
    Instance.terminate = _terminate_and_detach  # type: ignore[method-assign]
    BaseResponse.call_action = _answer_in_turn  # type: ignore[method-assign]
    _fix_revocation("revoke_security_group_ingress")
    _fix_revocation("revoke_security_group_egress")
    main(sys.argv[1:])
