"""Java virtual machines of members, on hosts with cgroup v2."""

from __future__ import annotations

from cdktf_mesos.container.options import ContainerOptions

# Without the first flag, a virtual machine that does not know the second one ends (JDK 8 before 8u191).
_FLAGS = "-XX:+IgnoreUnrecognizedVMOptions -XX:-UseContainerSupport"


def without_container_support(variable: str, options: ContainerOptions) -> dict[str, str]:
    """The variable that keeps a member's virtual machine from reading its cgroup.

    Many releases of Java cannot: on hosts with cgroup v2 and a kernel from 6.12 on, a program that asks for the
    machine's memory or load ends with `anyController is null` (JDK-8349988). ZooKeeper asks when it starts. Java reads
    its cgroup to adapt to the container's limits, and by default members have none. So this changes nothing else.

    Args:
        variable: the variable whose flags the image's start script gives to the virtual machine.
        options: the user's options. If they limit the container, Java must read its cgroup, and if they set the
            variable, the user decides: in both cases the result is empty.
    """
    is_limited = options.memory_mib is not None or options.cpu_shares is not None
    return {} if is_limited or variable in options.environment else {variable: _FLAGS}
