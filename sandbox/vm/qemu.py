"""A virtual machine's power: its qemu comes and goes; its disks stay."""

from __future__ import annotations

import signal
from pathlib import Path

from sandbox import network, paths
from sandbox.process import ended, find, send, start, wait_until
from sandbox.vm import files, image

_PROGRAM = "qemu-system-x86_64"
# The processor is emulated, by a thread for each of its cores; 256 MiB hold what is translated, by default as much as
# the machine's own memory.
_ACCELERATOR = "tcg,thread=multi,tb-size=256"
# A page table of five levels would cost time at every miss.
_CPU = "max,la57=off"
_ARGUMENTS = "root=/dev/vda1 ro console=ttyS0 quiet mitigations=off 8250.nr_uarts=1"
# qemu's own network, for machines that are to reach Debian's archive.
_OUTSIDE = ("-netdev", "user,id=outside", "-device", "virtio-net-pci,netdev=outside,romfile=")


def on(host: str) -> None:
    """Starts a machine, unless it is on. Returns before it has booted.

    Raises:
        TimeoutError: qemu did not start; the text names the log.
    """
    if process(host):
        return
    off(host)  # removes what a failed start may have left
    network.connect_virtual(host)
    log = paths.host_dir(host) / "qemu.log"
    start(command(host, files.read(host)), log)
    wait_until(lambda: process(host) is not None, lambda: f"{host} does not start: see {log}", 10)


def off(host: str) -> None:
    """Ends a machine at once, as a power cut does. Does nothing if it is off."""
    network.set_link(host, up=False)  # first, so that it cannot say goodbye to its peers
    running = process(host)
    if running:
        send(running, signal.SIGKILL)
        wait_until(lambda: ended(running), lambda: f"{host}: process {running} does not end")
    network.disconnect(host)


def process(host: str) -> int | None:
    """The process id of a machine's qemu, or None when it is off."""
    own = _drive(paths.host_dir(host) / files.OVERLAY, "qcow2")
    return next(find(lambda words: Path(words[0]).name == _PROGRAM and own in words), None)


def leftover_machines() -> set[str]:
    """The machines of this sandbox that run, whether or not there are files of theirs."""
    names = [f"vm{number}" for number in range(1, paths.MAX_VIRTUAL + 1)]
    return {name for name in names if process(name)}


def command(host: str, made: files.Made) -> list[str]:
    """The words of a machine's qemu.

    Args:
        host: its name.
        made: how it was made.
    """
    folder, kind = paths.host_dir(host), made.kind
    disks = [(folder / files.OVERLAY, "qcow2"), (folder / files.IDENTITY, "raw")]
    if kind.has_engine:
        disks.append((folder / files.DATA, "raw"))
    return [
        *(_PROGRAM, "-name", host, "-nodefaults", "-display", "none"),
        *("-machine", "pc", "-accel", _ACCELERATOR, "-cpu", _CPU, "-smp", "2", "-m", str(made.memory)),
        *("-chardev", f"file,id=console,path={folder / files.CONSOLE},append=on", "-serial", "chardev:console"),
        *(word for path, kind_of_file in disks for word in ("-drive", _drive(path, kind_of_file))),
        *("-netdev", f"tap,id=bridge,ifname={host},script=no,downscript=no"),
        *("-device", f"virtio-net-pci,netdev=bridge,mac={network.mac(host)},romfile="),
        *(_kernel(made) if kind.has_engine else _OUTSIDE),
    ]


def _drive(path: Path, kind: str) -> str:
    return f"file={path},format={kind},if=virtio"


def _kernel(made: files.Made) -> list[str]:
    """The kernel and its arguments: quicker than GRUB by some seconds."""
    arguments = " ".join([_ARGUMENTS, *made.kind.kernel])
    return [
        *("-kernel", str(made.image / image.KERNEL), "-initrd", str(made.image / image.INITRD)),
        *("-append", arguments),
    ]
