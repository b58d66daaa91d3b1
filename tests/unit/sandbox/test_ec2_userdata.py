from __future__ import annotations

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest

from sandbox.ec2 import guest, userdata
from sandbox.ec2.userdata import File

ID = "0123456789abcdef0"


def document(**entry: Any) -> bytes:
    return b"#cloud-config\n" + json.dumps({"write_files": [{"path": "/etc/x", **entry}]}).encode()


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("text/plain", "words"),
        ("b64", b64encode(b"words").decode()),
        ("base64", b64encode(b"words").decode()),
        ("gz+b64", b64encode(gzip.compress(b"words", mtime=0)).decode()),
    ],
)
def test_files_are_decoded_as_they_were_encoded(encoding: str, content: str) -> None:
    assert userdata.files(document(encoding=encoding, content=content, permissions="0755")) == [
        File("/etc/x", b"words", 0o755)
    ]


def test_user_data_may_be_yaml_and_gzipped() -> None:
    text = (
        b"#cloud-config\nwrite_files:\n- path: /etc/x\n  permissions: 0600\n  content: |\n    words\nruncmd: [reboot]\n"
    )
    assert userdata.files(text) == userdata.files(gzip.compress(text)) == [File("/etc/x", b"words\n", 0o600)]


@pytest.mark.parametrize("nothing", [b"", b"#cloud-config\n", b"#cloud-config\n{}", b"#cloud-config\nruncmd: []"])
def test_user_data_may_have_no_files(nothing: bytes) -> None:
    assert userdata.files(nothing) == []


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        (b"#!/bin/sh\n", "begins with '#!/bin/sh"),
        (b"#cloud-config\n{", "ParserError"),
        (b"#cloud-config\nwords", "AttributeError"),
        (document(encoding="rot13"), "/etc/x: encoding 'rot13'"),
        (document(encoding="gz+b64", content=b64encode(b"words").decode()), "BadGzipFile"),
        (document().replace(b"path", b"paths"), "KeyError: 'path'"),
    ],
)
def test_user_data_that_cloud_init_would_reject_is_rejected(broken: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        userdata.files(broken)


@pytest.mark.parametrize(
    "content",
    [f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol{ID}\n", f"VOLUME=vol-{ID}", f"vol-{ID}"],
)
def test_the_volume_is_read_from_a_file_of_the_user_data(content: str) -> None:
    assert userdata.volume(document(content=content)) == f"vol-{ID}"
    assert userdata.volume(document(content=b64encode(content.encode()).decode(), encoding="b64")) == f"vol-{ID}"


@pytest.mark.parametrize("content", ["/dev/sdf", "vol-0123", f"myvol-{ID}", f"vol-{ID}0", ""])
def test_text_without_a_volume_id_names_no_volume(content: str) -> None:
    assert userdata.volume(document(content=content)) is None


@pytest.mark.parametrize("path", ["/usr/bin/x", "/etc/../usr/bin/x", "etc/x", "/run/x", "/etcetera"])
def test_a_file_outside_of_the_hosts_own_folders_is_rejected(path: str) -> None:
    with pytest.raises(ValueError, match="not below one of the host's own folders"):
        guest.write("hs40", File(path, b"", 0o644))


def test_folders_of_the_machine_that_a_hosts_own_ones_cover_are_listed() -> None:
    assert guest.hidden("/data/venv", "/opt/python", "/srv/venv", "/usr", "/usr/local") == [
        "/opt/python",
        "/srv/venv",
        "/usr/local",
    ]
