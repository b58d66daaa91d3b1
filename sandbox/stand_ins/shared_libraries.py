"""Stand-ins for shared libraries of 2014 that a release's library is linked with and Debian no longer has.

Each of their functions returns 0. That is enough: nothing is fetched with curl (`curl_global_init` must return 0), and
the Python driver is never called: its data symbols would be read only when the module is imported. TLS needs the real
OpenSSL (`sandbox/images/mesos/openssl.py`), which replaces the stand-in where it is in use.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox import packages
from sandbox.process import run

OPENSSL_VERSIONS = ("OPENSSL_1.0.0", "OPENSSL_1.0.1", "OPENSSL_1.0.2")


@dataclass(frozen=True)
class Stub:
    """One stand-in library.

    Args:
        soname: the library's name.
        symbols: a pattern for the symbols that it defines, `name` or `name@version`, of those that are undefined in the
            release's library.
        versions: the symbol versions, each based on the one before.
    """

    soname: str
    symbols: str
    versions: Sequence[str] = ()


STUBS = (
    # It does not matter which of the two has which function, so both define all.
    Stub("libssl.so.1.0.0", r".*@OPENSSL_1.*", OPENSSL_VERSIONS),
    Stub("libcrypto.so.1.0.0", r".*@OPENSSL_1.*", OPENSSL_VERSIONS),
    Stub("libcurl.so.4", r".*@CURL_OPENSSL_3", ("CURL_OPENSSL_3",)),
    Stub("libpython-stub.so", r"_?Py[^@]*"),
)

EVENT_STUB = Stub("libevent_openssl-2.0.so.5", r"bufferevent_(openssl_.*|get_openssl_error)")
EVENT_LIBRARIES = {
    # Mesos up to 1.7 is built with libevent 2.0. Debian's libevent 2.1 has the same functions, without symbol versions.
    # The Mesos library uses only functions of libevent_core.
    "libevent-2.0.so.5": ("libevent-core-2.1-7", "libevent_core-2.1.so.7"),
    "libevent_pthreads-2.0.so.5": ("libevent-pthreads-2.1-7", "libevent_pthreads-2.1.so.7"),
}


def undefined_symbols(library: Path) -> list[str]:
    """The dynamic symbols that a library needs from other libraries: `name` or `name@version`."""
    return sorted({line.split()[-1] for line in run("nm", "-D", "--undefined-only", library).splitlines()})


def source_of(symbols: Iterable[str]) -> str:
    """C code that defines each symbol as a function that returns 0."""
    names = sorted({symbol.partition("@")[0] for symbol in symbols})
    return "".join(f"long {name}(void) {{ return 0; }}\n" for name in names)


def version_script_of(symbols: Iterable[str], versions: Sequence[str]) -> str:
    """The linker's script that gives each symbol its version."""
    script, base = "", ""
    for version in versions:
        names = "".join(f" {symbol.partition('@')[0]};" for symbol in symbols if symbol.endswith(f"@{version}"))
        script += f"{version} {{ {'global:' + names if names else ''} }}{base};\n"
        base = f" {version}"
    return script


def make_stubs(library: Path) -> list[str]:
    """Makes the stand-ins that the library needs, in its directory; returns their names."""
    undefined = undefined_symbols(library)
    stubs = list(STUBS)
    if "event_base_new" in undefined:
        stubs.append(EVENT_STUB)
        _make_event_libraries(library.parent)
    for stub in stubs:
        symbols = [symbol for symbol in undefined if re.fullmatch(stub.symbols, symbol)]
        _link(library.parent / stub.soname, source_of(symbols), version_script_of(symbols, stub.versions))
    return [stub.soname for stub in stubs] + (list(EVENT_LIBRARIES) if EVENT_STUB in stubs else [])


def make_missing(library: Path) -> list[str]:
    """Makes a stand-in for every library that this one is linked with and the machine lacks; returns their names.

    Each defines all symbols that the library needs, except those of glibc and the compiler's libraries. That is enough
    to load the library.
    """
    system = ("GLIBC", "CXXABI", "GCC")
    symbols = [each for each in undefined_symbols(library) if not each.partition("@")[2].startswith(system)]
    versions = sorted({each.partition("@")[2] for each in symbols} - {""})
    lines = [line.split() for line in run("ldd", library).splitlines() if "not found" in line]
    for soname, *_ in lines:
        _link(library.parent / soname, source_of(symbols), version_script_of(symbols, versions))
    return [soname for soname, *_ in lines]


def _make_event_libraries(directory: Path) -> None:
    for soname, (package, real) in EVENT_LIBRARIES.items():
        packages.fetch_files(package, {f"usr/lib/x86_64-linux-gnu/{real}": directory / real})
        _link(directory / soname, "", "", ["-Wl,--no-as-needed", f"-L{directory}", f"-l:{real}"])


def _link(target: Path, source: str, version_script: str, options: Sequence[str] = ()) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        code, script = Path(scratch, "stub.c"), Path(scratch, "stub.map")
        code.write_text(source)
        script.write_text(version_script)
        versioned = [f"-Wl,--version-script={script}"] if version_script else []
        command = ["gcc", "-w", "-fno-builtin", "-shared", "-fPIC", f"-Wl,-soname,{target.name}"]
        run(*command, "-o", target, code, *versioned, *options)
