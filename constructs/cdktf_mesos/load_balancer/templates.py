"""The files that a load balancer's container gets: templates of haproxy's configuration, and the Lua file."""

from __future__ import annotations

from pathlib import Path
from string import Template

from cdktf_mesos import scripts
from cdktf_mesos.image.release import Release

_HERE = Path(__file__).parent

# From this release on, the images of avhost have haproxy 2.4 or later, which does not know `rspadd` and `reqirep`
# (haproxy's changelog, 2.1). marathon-lb's own templates still use them, so it would leave out apps whose labels need
# these templates.
_REWRITTEN_FROM = Release(1, 17)
_REWRITTEN = ("BACKEND_HSTS_OPTIONS", "HTTP_BACKEND_PROXYPASS_GLUE", "HTTP_BACKEND_REVPROXY_GLUE")

TEMPLATES = ("HTTP_FRONTEND_HEAD", "HTTPS_FRONTEND_HEAD", "FRONTEND_HEAD")
"""The templates that the construct sets."""

DIRECTORY = "/marathon-lb/templates"


def files(
    *, family: str, release: Release, domain: str | None, http_port: int, https_port: int, hard_stop_seconds: int
) -> dict[str, str]:
    """The texts of the files by their paths in the container.

    Args:
        family: the family of the image.
        release: marathon-lb's release.
        domain: the domain of apps' names; None if apps are reached only as their labels say.
        http_port: the port for http.
        https_port: the port for https.
        hard_stop_seconds: how long connections may keep a process of haproxy after a reload, in seconds.
    """
    values = {
        "domain": domain or "",
        "http_port": http_port,
        "https_port": https_port,
        "hard_stop_seconds": hard_stop_seconds,
    }
    names = [name for name in TEMPLATES if domain or name != "FRONTEND_HEAD"]
    if family == "avhost" and release >= _REWRITTEN_FROM:
        names += _REWRITTEN
    texts = {}
    for name in names:
        text = (_HERE / "haproxy" / f"HAPROXY_{name}").read_text(encoding="utf-8")
        # Only the names of apps need Lua.
        kept = [line for line in text.splitlines(keepends=True) if domain or "lua" not in line]
        texts[f"{DIRECTORY}/HAPROXY_{name}"] = Template("".join(kept)).safe_substitute(values)
    if domain:
        texts["/marathon-lb/by_name.lua"] = scripts.text_of(_HERE / "by_name.lua") + "\n"
    return texts
