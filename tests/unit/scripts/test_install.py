from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

import install

ROOT = Path(install.__file__).resolve().parents[1]

HARMFUL = [
    "PIP_TARGET", "PIP_CONSTRAINT", "PIP_USER", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_DRY_RUN", "PIP_NO_DEPS",
    "UV_SYSTEM_PYTHON", "UV_CONSTRAINT", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_OFFLINE",
    "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONSAFEPATH", "VIRTUAL_ENV", "CONDA_PREFIX",
]  # fmt: skip
SECRET = [
    "GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "AWS_SECRET_ACCESS_KEY",
    "INPUT_GITHUB-TOKEN", "AI_CODE_METRICS_PUSHGATEWAY_PASSWORD", "DATABASE_URL", "GITHUB_OUTPUT",
]  # fmt: skip
KEPT = [
    "PATH", "HOME", "SYSTEMROOT", "TEMP", "HTTPS_PROXY", "https_proxy", "no_proxy", "SSL_CERT_FILE", "PIP_CERT",
    "REQUESTS_CA_BUNDLE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONFIG_FILE",
    "PIP_TRUSTED_HOST", "UV_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_PRIVATE_PASSWORD", "UV_SYSTEM_CERTS",
]  # fmt: skip


@pytest.mark.parametrize("name", [*HARMFUL, *SECRET])
def test_what_would_bend_the_install_or_is_secret_is_dropped(name: str) -> None:
    """The installers don't see the caller's other settings, nor any token."""
    assert install.installer_environment({name: "x", "PATH": "/bin"}) == {"PATH": "/bin"}


@pytest.mark.parametrize("name", KEPT)
def test_index_certificate_and_proxy_settings_are_kept(name: str) -> None:
    """A company's index, certificates and proxy are how the install can work at all there."""
    assert install.installer_environment({name: "x"}) == {name: "x"}


def test_pip_s_files_give_their_index_settings_only() -> None:
    """From ``pip config list`` come the settings of where to fetch from, in pip's order of precedence."""
    listed = r"""
:env:.index-url='https://env.example/simple'
global.index-url='https://global.example/simple'
global.extra-index-url='https://a.example/simple\nhttps://b.example/simple'
global.target='/somewhere'
install.trusted-host='a.example'
install.constraint='/constraints.txt'
download.find-links='/not/for/install'
global.timeout='9'
:env:.default-timeout='99'
"""
    assert install.pip_settings(listed) == {
        "PIP_INDEX_URL": "https://env.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.example/simple https://b.example/simple",
        "PIP_TRUSTED_HOST": "a.example",
        "PIP_DEFAULT_TIMEOUT": "99",
    }


def test_uv_is_told_what_pip_is_told() -> None:
    """The settings of pip are translated for uv, which doesn't read them."""
    assert install.uv_settings(
        {
            "PIP_INDEX_URL": "https://i.example/simple",
            "PIP_EXTRA_INDEX_URL": "https://a.example https://b.example",
            "PIP_FIND_LINKS": "/one /two",
            "PIP_CERT": "/ca.pem",
        }
    ) == {
        "UV_DEFAULT_INDEX": "https://i.example/simple",
        "UV_INDEX": "https://a.example https://b.example",
        "UV_FIND_LINKS": "/one,/two",
        "SSL_CERT_FILE": "/ca.pem",
    }


def test_the_certificates_of_other_tools_serve_uv_too() -> None:
    """Where only the variable of requests is set, as is common behind a company's proxy, uv takes that file."""
    assert install.uv_settings({"REQUESTS_CA_BUNDLE": "/ca.pem"}) == {"SSL_CERT_FILE": "/ca.pem"}
    assert install.uv_settings({"REQUESTS_CA_BUNDLE": "/ca.pem", "SSL_CERT_FILE": "/mine.pem"}) == {}


def test_uv_s_own_settings_win() -> None:
    """Where the caller has told uv something, pip's setting doesn't replace it."""
    caller = {
        "PIP_INDEX_URL": "https://pip",
        "UV_DEFAULT_INDEX": "https://uv",
        "PIP_FIND_LINKS": "/p",
        "UV_FIND_LINKS": "/u",
    }
    assert install.uv_settings(caller) == {}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:password@index.example:8443/simple", "https://index.example:8443/simple"),
        ("https://token@index.example/simple", "https://index.example/simple"),
        ("https://pypi.org/simple", "https://pypi.org/simple"),
        ("pypi.org", "pypi.org"),
    ],
)
def test_a_message_names_the_index_without_its_password(url: str, shown: str) -> None:
    """User and password of an index never stand in a message."""
    assert install.without_credentials(url) == shown


def test_the_key_is_the_same_for_the_same_things_in_any_order() -> None:
    """An environment is found again, however the file system lists the sources."""
    one = install.environment_key(b"lock", {"a.py": b"1", "b.py": b"2"}, "3.11")
    other = install.environment_key(b"lock", {"b.py": b"2", "a.py": b"1"}, "3.11")
    assert one == other
    assert len(one) == 16


@pytest.mark.parametrize(
    ("lock", "source", "python"),
    [
        (b"lock2", {"a.py": b"1"}, "3.11"),
        (b"lock", {"a.py": b"2"}, "3.11"),
        (b"lock", {"b.py": b"1"}, "3.11"),
        (b"lock", {"a.py": b"1", "b.py": b""}, "3.11"),
        (b"lock", {"a.p": b"y1"}, "3.11"),
        (b"lock", {"a.py": b"1"}, "3.12"),
    ],
)
def test_the_key_changes_with_everything_it_stands_for(lock: bytes, source: dict[str, bytes], python: str) -> None:
    """Another lock, another source or another interpreter is another environment."""
    assert install.environment_key(lock, source, python) != install.environment_key(b"lock", {"a.py": b"1"}, "3.11")


def test_the_source_is_the_package_and_its_metadata() -> None:
    """What goes into the package goes into the key; caches don't, for they change by running it."""
    files = install.source_files(ROOT)
    assert {"pyproject.toml", "src/ai_code_metrics/__init__.py", "src/ai_code_metrics/py.typed"} <= set(files)
    assert not any("__pycache__" in path or path.startswith("tests") for path in files)


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", '{"python": 3}', '{"python": "/no/such/python"}'])
def test_a_pointer_that_is_broken_or_points_nowhere_counts_as_none(tmp_path: Path, content: str) -> None:
    """A damaged or emptied directory leads to a new environment, not to an error."""
    pointer = tmp_path / "key.json"
    pointer.write_text(content, encoding="utf-8")
    assert install._pointed_at(pointer) is None


def test_an_output_is_written_with_a_delimiter_that_cannot_be_guessed(tmp_path: Path) -> None:
    """A value can't end its own block and add further outputs."""
    output = tmp_path / "output"
    install._write_output(str(output), "python", "first\nsecond")
    install._write_output(str(output), "python", "third")
    lines = output.read_text(encoding="utf-8").split("\n")
    first, second = lines[0].removeprefix("python<<"), lines[4].removeprefix("python<<")
    assert lines == [f"python<<{first}", "first", "second", first, f"python<<{second}", "third", second, ""]
    assert first != second
    assert len(first) > 32


def test_the_interpreter_of_an_environment_is_where_the_platform_puts_it() -> None:
    """Windows has Scripts, everybody else bin."""
    assert install.python_of(Path("env")).as_posix() == (
        "env/Scripts/python.exe" if os.name == "nt" else "env/bin/python"
    )


@pytest.mark.parametrize("name", ["install.py", "development.py", "run.py", "test.py"])
def test_the_scripts_that_people_start_parse_on_old_interpreters(name: str) -> None:
    """An old ``python3`` gets as far as the message that says which version is needed."""
    source = (ROOT / "scripts" / name).read_text(encoding="utf-8")
    assert ast.parse(source, feature_version=(3, 8)).body


def test_an_old_interpreter_without_a_newer_one_beside_it_is_told_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message names the version that is needed and the one that was found."""
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"needs Python >= 3\.11; this is 3\.8\.10"):
        install.require_python()
