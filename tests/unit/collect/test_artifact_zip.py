from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect.artifact_zip import MAX_ENTRIES, read_entry
from ai_code_metrics.errors import ReportRefused
from support.fake_github_actions import zipped

NAME = "metrics-summary.json"
CONTENT = b'{"schema_version": 1}'


def read(content: bytes, max_bytes: int = 1_000) -> bytes:
    return read_entry(io.BytesIO(content), NAME, max_bytes)


def changed(old: bytes, new: bytes) -> bytes:
    """A zip with some of its bytes replaced."""
    content = zipped((NAME, CONTENT))
    assert old in content
    return content.replace(old, new)


def written(compression: int = zipfile.ZIP_DEFLATED, comment: bytes = b"", content: bytes = CONTENT) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.comment = comment
        archive.writestr(NAME, content)
    return buffer.getvalue()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_entry_is_read(compression: int) -> None:
    """The content comes back, however GitHub stored it."""
    assert read(written(compression)) == CONTENT


def test_other_entries_are_left_alone() -> None:
    """The files that an artifact also holds are not read, in whatever order they stand."""
    files = [("raw/pylint.json", b"x" * 5_000), ("comment.md", b"@everyone"), (NAME, CONTENT), ("raw/", b"")]
    assert read(zipped(*files)) == CONTENT


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/etc/passwd", "absolute"),
        ("../metrics-summary.json", "leads out"),
        ("raw/../../x", "leads out"),
        ("..", "leads out"),
        ("..\\x", "no path"),
        ("raw\\x", "no path"),
        ("C:/x", "absolute"),
        ("c:x", "absolute"),
        ("a\0b", "no path"),
        ("", "no path"),
    ],
)
def test_a_name_that_leads_out_is_tampering(name: str, words: str) -> None:
    """One such name refuses the whole artifact, even beside a summary in good order (zip slip)."""
    with pytest.raises(ReportRefused, match=words):
        read(zipped((NAME, CONTENT), (name, b"x")))


@pytest.mark.parametrize("name", ["raw/link", NAME])
def test_a_symbolic_link_is_tampering(name: str) -> None:
    """No artifact of GitHub's holds one."""
    with pytest.raises(ReportRefused, match="symbolic link"):
        read(zipped((NAME, CONTENT), ("raw/link", b"/etc/passwd"), links=(name,)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("comment.md", b"x")], "no metrics-summary.json"),
        ([("raw/metrics-summary.json", CONTENT)], "no metrics-summary.json"),
        ([(NAME, CONTENT), (NAME, b"{}")], "2 times"),
        ([(NAME, CONTENT), *((f"{number}", b"") for number in range(MAX_ENTRIES))], "too many"),
        ([(NAME, CONTENT), *((f"{number:03}" + "x" * 60_000, b"") for number in range(20))], "too many"),
    ],
)
def test_an_artifact_of_another_form_is_refused(files: list[tuple[str, bytes]], words: str) -> None:
    """The summary has to be there, once, among no more files than a measurement leaves."""
    with pytest.raises(ReportRefused, match=words):
        read(zipped(*files))


def test_a_zip_that_lies_about_its_files_is_counted() -> None:
    """The number at its end is no reason to believe that there are no more."""
    content = bytearray(zipped((NAME, CONTENT), *((f"{number}", b"") for number in range(MAX_ENTRIES))))
    content[-14:-10] = b"\1\0\1\0"  # APPNOTE 4.3.16: entries on this disk, and in all
    with pytest.raises(ReportRefused, match="too many"):
        read(bytes(content))


@pytest.mark.parametrize("listed", [None, 10])
def test_a_summary_that_is_too_large_is_not_read_to_its_end(listed: int | None) -> None:
    """What comes out is counted, whatever the zip says of it: 50 MB of zeros in 50 KB, or said to be 10 bytes."""
    content = written(content=b"\0" * 50_000_000)
    assert len(content) < 60_000
    if listed is not None:
        content = content.replace((50_000_000).to_bytes(4, "little"), listed.to_bytes(4, "little"))
    with pytest.raises(ReportRefused, match=r"more than the 1,000 bytes" if listed is None else "zip|more than"):
        read(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no zip"),
        (b"{}", "no zip"),
        (zipped((NAME, CONTENT))[:-5], "no zip"),
        (zipped((NAME, CONTENT))[30:], "no usable zip"),
        (written(comment=b"hello"), "no zip"),
        (written(zipfile.ZIP_BZIP2), "compressed in a way"),
        (written(zipfile.ZIP_LZMA), "compressed in a way"),
        # APPNOTE 4.4.4: bit 0 of the flags in the table of contents says that the file is encrypted
        (changed(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"), "encrypted"),
        (changed(b"PK\x05\x06", b"PK\x06\x07" + b"\0" * 16 + b"PK\x05\x06"), "zip64"),
        (changed(b"PK\x03\x04", b"PK\x03\x05"), "no usable zip"),
    ],
    ids=range(10),
)
def test_a_zip_that_can_not_be_read_is_refused(content: bytes, words: str) -> None:
    """Broken, cut off, encrypted or oddly compressed: refused in words."""
    with pytest.raises(ReportRefused, match=words):
        read(content)


@given(st.data())
def test_no_damage_is_another_error_than_a_refusal(data: Any) -> None:
    """Whatever bytes are changed or cut, the content comes back whole or the artifact is refused."""
    content = bytearray(zipped((NAME, CONTENT), ("raw/x", b"y" * 50)))
    for position, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=6)
    ):
        content[position] = value
    try:
        found = read(bytes(content[: data.draw(st.integers(0, len(content)))]))
    except ReportRefused:
        return
    assert len(found) <= 1_000
