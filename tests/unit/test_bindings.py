from __future__ import annotations

import subprocess
import sys

from cdktf_mesos import cdk

CDK, DOCKER = cdk.library(), cdk.bindings("docker")


def python(program: str) -> str:
    """Run a program in a new interpreter, in which nothing is imported yet; return what it prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_docker_only_program_imports_no_aws_bindings_and_no_unused_docker_bindings() -> None:
    loaded = python(
        f"import sys, {CDK} as cdktf, cdktf_mesos as m\n"
        "stack = cdktf.TerraformStack(cdktf.App(outdir='/nonexistent'), 's')\n"
        "host = m.DockerHost(stack, 'h', address='10.0.0.1')\n"
        "m.ZookeeperEnsemble(stack, 'z', hosts=[host], image='zookeeper:3.9.4', container_name='zk')\n"
        "print(*sorted(n for n in sys.modules if n.startswith('cdkt') and '_provider_' in n))"
    ).split()
    assert not [name for name in loaded if "aws" in name]
    assert f"{DOCKER}.container" in loaded
    assert f"{DOCKER}.service" not in loaded


def test_the_rest_of_the_bindings_can_be_imported_afterwards() -> None:
    print_class = (
        f"import {DOCKER} as docker\n"
        f"from {DOCKER} import network\n"
        "print(docker.volume.Volume.__name__, network.Network.__name__, hasattr(docker, 'nothing'))"
    )
    assert python("from cdktf_mesos import bindings\nbindings.Container\n" + print_class) == "Volume Network False"
    assert python(f"import {DOCKER}\nfrom cdktf_mesos import bindings\nbindings.Container\n" + print_class)
