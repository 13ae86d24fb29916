"""Dashboards are drawn from a real Prometheus with two weeks of history; --update-gold renews the README's picture."""

from __future__ import annotations

import shutil
import struct
from typing import TYPE_CHECKING, Final

import pytest

import draw
import panels
from panel_drawing import draw as draw_panels
from prometheus_api import Series
from support.services import free_port
from support.summaries import HOSTILE_NAME, HOSTILE_TEXT

if TYPE_CHECKING:
    from pathlib import Path

    from support.prometheus import Prometheus

pytestmark = [pytest.mark.prometheus, pytest.mark.promtool]

PICTURE: Final = panels.DIRECTORY.parent / "fleet.png"
MOST_BYTES: Final = 200_000
OF_ONE_REPOSITORY: Final = {"repository": ("--repository", "acme/platform", "--branch", "main")}


def png_size(file: Path) -> tuple[int, int]:
    """Return width and height of a PNG in pixels."""
    start = file.read_bytes()[:24]
    assert start.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", start[16:24])
    return width, height


def arguments(url: str, name: str, end: float, output: Path) -> list[str]:
    """Return the command line that draws a dashboard at the end of the history."""
    return ["--prometheus-url", url, "--dashboard", name, "--end", str(end), "--output", str(output)]


@pytest.mark.parametrize("name", panels.names())
def test_every_panel_is_drawn(
    fleet_history: Prometheus, history_end: float, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dashboard becomes a picture as high as its panels, and no panel is empty."""
    output = tmp_path / "picture.png"
    asked = [*arguments(fleet_history.url, name, history_end, output), *OF_ONE_REPOSITORY.get(name, ())]
    assert draw.main(asked) == 0
    assert capsys.readouterr().err == ""
    width, height = png_size(output)
    assert width == 1400
    lowest = max(panel.place.y + panel.place.h for panel in panels.panels_of(panels.load(name)))
    assert height > 36 * lowest


def test_the_picture_beside_the_dashboards_is_of_them(
    fleet_history: Prometheus, history_end: float, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The picture that the README shows has the size of what is drawn now, and is light."""
    output = tmp_path / "fleet.png"
    assert draw.main(arguments(fleet_history.url, "fleet", history_end, output)) == 0
    if request.config.getoption("--update-gold"):
        shutil.copyfile(output, PICTURE)
    assert png_size(PICTURE) == png_size(output)
    assert PICTURE.stat().st_size < MOST_BYTES


def test_the_first_repository_and_branch_are_taken(
    fleet_history: Prometheus, history_end: float, tmp_path: Path
) -> None:
    """Without a repository and a branch their first ones are drawn, as Grafana shows them."""
    named, first = tmp_path / "named.png", tmp_path / "first.png"
    asked = arguments(fleet_history.url, "repository", history_end, named)
    assert draw.main([*asked, *OF_ONE_REPOSITORY["repository"]]) == 0
    assert draw.main(arguments(fleet_history.url, "repository", history_end, first)) == 0
    assert first.read_bytes() == named.read_bytes()


def test_an_empty_panel_is_named(
    fleet_history: Prometheus, history_end: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has no data is drawn as such, and told with exit code 1; what has is not."""
    output = tmp_path / "empty.png"
    asked = arguments(fleet_history.url, "fleet", history_end, output)
    assert draw.main([*asked, "--repository", "octo/no.such"]) == draw.NO_DATA
    told = capsys.readouterr().err.splitlines()
    assert "no data: Median score" in told
    assert "no data: Duration of pushes" not in told
    assert png_size(output)[0] == 1400


def test_an_unknown_dashboard_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dashboard that isn't there is told with those that are."""
    assert draw.main(arguments("http://127.0.0.1:1", "flet", 0, tmp_path / "x.png")) == draw.USAGE
    assert "there is no dashboard 'flet'; there are ai-tagged-code, fleet, repository" in capsys.readouterr().err


def test_a_prometheus_that_is_down_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is drawn where nobody answers, and the message says who should."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    url = f"http://127.0.0.1:{free_port()}"
    assert draw.main(arguments(url, "fleet", 0, tmp_path / "x.png")) == draw.USAGE
    assert f"error: {url} can't be asked: " in capsys.readouterr().err
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize("kind", ["stat", "timeseries", "table"])
@pytest.mark.parametrize("text", [HOSTILE_TEXT, HOSTILE_NAME, "$x_{$", "_hidden", "\ud800", "\u4f60\u597d", ""])
def test_a_label_may_be_anything(kind: str, text: str, tmp_path: Path) -> None:
    """No character of a label breaks the picture: no formula, no control character, nothing that the font lacks."""
    panel = panels.Panel(text, kind, panels.Place(0, 0, 24, 8), (panels.Query("A", "up", "{{a}} {{ b }}"),))
    series = [Series({"a": text, "b": str(number)}, ((0.0, 1.0), (60.0, 2.0))) for number in range(40)]
    output = tmp_path / "picture.png"
    draw_panels(text, [panels.Answered(panel, [series])], panels.Window(3_600, 3_600, 60), output)
    assert png_size(output) == (1400, 354)


@pytest.mark.parametrize("days", ["0", "-1", "nan", "inf", "1e9", "week"])
def test_days_are_a_time_that_can_be_drawn(days: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Days that no axis could show are refused."""
    with pytest.raises(SystemExit) as ended:
        draw.main([*arguments("http://127.0.0.1:1", "fleet", 0, tmp_path / "x.png"), f"--days={days}"])
    assert ended.value.code == draw.USAGE
    assert f"--days: '{days}' is no number of days" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_named(
    fleet_history: Prometheus, history_end: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory that isn't there is an error with its name."""
    output = tmp_path / "nowhere" / "x.png"
    assert draw.main(arguments(fleet_history.url, "fleet", history_end, output)) == draw.USAGE
    assert str(output) in capsys.readouterr().err


@pytest.mark.parametrize("url", ["localhost:9090", "file:///etc/hostname"])
def test_what_is_no_url_of_a_prometheus_is_named(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A URL without http is refused before anything is opened."""
    assert draw.main(arguments(url, "fleet", 0, tmp_path / "x.png")) == draw.USAGE
    assert f"{url!r} is no URL of a Prometheus" in capsys.readouterr().err
