"""Code that takes the place of what the sandbox cannot get from a package registry. Nothing here is the real program.

* `marathon`: a small framework with Marathon's flags and API; no package registry has Marathon.
* `mesos_executor`: `mesos-executor` and `mesos-docker-executor`; the Mesos library on PyPI has no executor.
* `shared_libraries`: libraries of 2014 that the Mesos library names and Debian no longer has.

What is real stays elsewhere: the Mesos programs in `sandbox/images/mesos` are each release's own library with our own
`main()` (`launcher`), and the EC2 API in `sandbox/ec2` is moto from PyPI, with fixes (`moto_server.py`).

The two programs run in images. `sandbox/images` has the recipes, and copies these folders into the build contexts.
"""

from __future__ import annotations

from pathlib import Path

MARATHON = Path(__file__).parent / "marathon"
MESOS_EXECUTOR = Path(__file__).parent / "mesos_executor"
