"""Stand-ins for programs and libraries that the sandbox cannot get from a package registry.

* `marathon`: a small framework with Marathon's flags and API; no package registry has Marathon.
* `marathon_lb`: the part of marathon-lb that writes haproxy's configuration; no package registry has marathon-lb.
* `mesos_dns`: a name server with Mesos-DNS's configuration and names; no package registry has Mesos-DNS.
* `mesos_exporter`: the part of mesos_exporter that docs/monitoring needs; no package registry has mesos_exporter.
* `mesos_executor`: `mesos-executor` and `mesos-docker-executor`; the Mesos library on PyPI has no executor.
* `shared_libraries`: libraries of 2014 that the Mesos library is linked with and Debian no longer has.

Other parts of the sandbox use real code: the Mesos programs in `sandbox/images/mesos` are each release's own library
with our `main()` (`launcher`), and the EC2 API in `sandbox/ec2` is moto from PyPI, with fixes (`moto_server.py`).

`marathon`, `marathon_lb`, `mesos_dns`, `mesos_exporter` and `mesos_executor` run in images. The recipes in
`sandbox/images` add their folders to the build contexts.
"""

from __future__ import annotations

from pathlib import Path

MARATHON = Path(__file__).parent / "marathon"
MARATHON_LB = Path(__file__).parent / "marathon_lb"
MESOS_DNS = Path(__file__).parent / "mesos_dns"
MESOS_EXPORTER = Path(__file__).parent / "mesos_exporter"
MESOS_EXECUTOR = Path(__file__).parent / "mesos_executor"
