from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics import process

RUNNER_SECRETS = (
    "AI_CODE_METRICS_GITHUB_TOKEN",
    "AI_CODE_METRICS_PUSHGATEWAY_PASSWORD",
    "INPUT_TOKEN",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_RUNTIME_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_RESULTS_URL",
    "ACTIONS_CACHE_URL",
    "ACTIONS_RUNNER_INPUT_JITCONFIG",
)
COMMAND_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
CALLERS_OWN = ("DATABASE_URL", "PYTHONPATH", "GITHUB_REPOSITORY", "GITHUB_SHA", "RUNNER_TEMP", "DJANGO_SETTINGS_MODULE")


@pytest.mark.parametrize("name", [*RUNNER_SECRETS, *COMMAND_FILES])
@pytest.mark.parametrize("spell", [str, str.lower], ids=["upper", "lower"])
def test_runner_tokens_and_command_files_reach_nobody(name: str, spell: type[str]) -> None:
    """What the runner trusts its steps with passes neither filter, however it is spelled."""
    environ = {spell(name): "planted", "PATH": "/bin"}

    assert process.caller_environment(environ) == {"PATH": "/bin"}
    assert process.analyser_environment(environ) == {"PATH": "/bin"}


@pytest.mark.parametrize("name", CALLERS_OWN)
def test_tests_see_the_callers_own_variables_and_analysers_do_not(name: str) -> None:
    """A variable of the caller's passes to the tests, which need it, and not to the analysers, which don't."""
    assert process.caller_environment({name: "1"}) == {name: "1"}
    assert process.analyser_environment({name: "1"}) == {}


@pytest.mark.parametrize("name", ["PATH", "Path", "HOME", "TMPDIR", "SystemRoot", "LD_LIBRARY_PATH"])
def test_analysers_see_what_a_program_needs_to_start(name: str) -> None:
    """The names on the list pass as they are spelled: Windows writes ``Path``."""
    assert process.analyser_environment({name: "value"}) == {name: "value"}


@given(
    st.dictionaries(
        st.one_of(
            st.sampled_from([*RUNNER_SECRETS, *COMMAND_FILES, *CALLERS_OWN]),
            st.from_regex(r"(?:ACTIONS_[A-Z_]{0,8}TOKEN[A-Z_]{0,8}|AI_CODE_METRICS_[A-Z_]{1,9})", fullmatch=True),
            st.text(st.characters(exclude_characters="=\0", exclude_categories=["Cs"]), min_size=1, max_size=20),
        ),
        st.text(max_size=5),
    )
)
def test_filters_only_drop(environ: dict[str, str]) -> None:
    """Both filters give a part of what came in, the analysers' a part of the tests', and never a runner's token."""
    analysers, tests = process.analyser_environment(environ), process.caller_environment(environ)

    assert analysers.items() <= tests.items() <= environ.items()
    assert not [name for name in tests if "TOKEN" in name and name.startswith(("ACTIONS_", "GITHUB_", "GH_"))]
    assert not [name for name in tests if name.upper().startswith("AI_CODE_METRICS_")]
    assert not {name.upper() for name in tests} & {*RUNNER_SECRETS, *COMMAND_FILES}


@pytest.mark.parametrize(
    ("stdout", "stderr", "expected"),
    [
        ("out\n", "first\nlast\n\n  \n", "last"),
        ("only here \n", "", "only here"),
        ("", "", "it printed nothing"),
        ("", "x" * 900, "x" * 500),
    ],
)
def test_last_words(stdout: str, stderr: str, expected: str) -> None:
    """The last line of stderr explains a failure, else that of stdout, at most 500 characters of it."""
    finished = process.Finished(
        argv=("tool",),
        exit_code=1,
        seconds=0.1,
        peak_memory_bytes=None,
        timed_out=False,
        stdout=stdout,
        stderr=stderr,
    )

    assert finished.last_words == expected
