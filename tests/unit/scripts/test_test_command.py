from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

import development

test_command = importlib.import_module("test")


def program(directory: Path, name: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).touch(mode=0o755)


@pytest.mark.parametrize(
    ("installed", "missing"),
    [
        ([], ["prometheus", "prometheus-alertmanager", "prometheus-pushgateway", "victoria-metrics"]),
        (["prometheus", "promtool", "amtool", "victoria-metrics"], ["prometheus-pushgateway"]),
        (["prometheus-pushgateway", "promtool", "amtool", "victoria-metrics"], ["prometheus"]),
        (["prometheus-pushgateway", "prometheus", "promtool", "victoria-metrics"], ["prometheus-alertmanager"]),
        (["amtool", "prometheus", "promtool", "prometheus-pushgateway", "victoria-metrics"], []),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="programs are told by their suffix there")
def test_what_is_fetched_is_what_is_missing(tmp_path: Path, installed: list[str], missing: list[str]) -> None:
    """Programs that the machine has are used as they are."""
    for name in installed:
        program(tmp_path, name)
    assert test_command.missing_packages(str(tmp_path)) == missing


def test_services_that_cannot_be_fetched_are_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tests that need none of them run all the same, and the message says why the others can't."""
    monkeypatch.setattr(test_command, "unpack_packages", lambda packages, directory: "there is no apt-get here")
    monkeypatch.setattr(test_command, "SERVICES", tmp_path)
    path = test_command.search_path(tmp_path / "bin" / "python", str(tmp_path / "system"))
    assert path.split(os.pathsep) == [str(tmp_path / "bin"), str(tmp_path / "usr" / "bin"), str(tmp_path / "system")]
    assert "there is no apt-get here" in capsys.readouterr().err


def test_without_a_package_manager_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On other systems than Debian and Ubuntu the answer is why not."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert test_command.unpack_packages(["prometheus"], tmp_path) == "there is no apt-get here"


def test_setting_up_fetches_no_services(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Who only wants the environment gets its interpreter, and waits for no Pushgateway."""
    monkeypatch.setattr(development, "environment", lambda: Path("of-the-environment"))
    monkeypatch.setattr(test_command, "search_path", lambda python, path: pytest.fail("services were looked for"))
    assert test_command.main(["--setup-only"]) == 0
    assert capsys.readouterr().out == "of-the-environment\n"
