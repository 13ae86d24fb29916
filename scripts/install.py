"""Install ai-code-metrics into an isolated environment; needs nothing but Python >= 3.11.

The action's bootstrap: it prints the path of the environment's interpreter, by which the steps start the tool with
``-I -m ai_code_metrics``. Everything comes from hash-locked wheels. The package itself is built without isolation and
without an index, so nothing that isn't locked is fetched.

Environments are keyed by lock, interpreter and source, and are reused. Each is built in a directory of its own, to
which a pointer file is written last: neither an interrupted build nor a second job on the same machine can leave a
half-written one behind.

Example:
    python3 scripts/install.py --directory ~/.cache/ai-code-metrics
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import platform
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "scripts" / "requirements"
OLDEST_PYTHON = (3, 11)
INSTALL_FAILED = 3
_TIMEOUT_SECONDS = 900
_OLDEST_PIP_WITH_PYTHON_OPTION = (22, 3)

# An allow-list: PIP_TARGET, PIP_CONSTRAINT, UV_SYSTEM_PYTHON, PYTHONPATH and their like break the install, and no
# token of the job is any business of an installer. Credentials of an index are part of its own settings.
_KEPT_VARIABLES = re.compile(
    r"""
    PATH | PATHEXT | HOME | USERPROFILE | USERNAME | APPDATA | LOCALAPPDATA | PROGRAMDATA | SYSTEMROOT | SYSTEMDRIVE
    | WINDIR | COMSPEC | PROCESSOR_ARCHITECTURE | NUMBER_OF_PROCESSORS | TEMP | TMP | TMPDIR | LANG | LC_ALL | LC_CTYPE
    | XDG_(?:CACHE|CONFIG|DATA)_HOME | NETRC
    | (?:HTTP|HTTPS|ALL|NO)_PROXY | SSL_CERT_FILE | SSL_CERT_DIR | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE
    | PIP_(?:INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|CERT|CLIENT_CERT|TRUSTED_HOST|PROXY|CONFIG_FILE)
    | PIP_(?:DEFAULT_TIMEOUT|RETRIES|KEYRING_PROVIDER)
    | UV_(?:INDEX.*|DEFAULT_INDEX|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST)
    | UV_(?:HTTP_TIMEOUT|KEYRING_PROVIDER|CONFIG_FILE)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PIP_OPTIONS = (
    "index-url", "extra-index-url", "no-index", "find-links", "cert", "client-cert", "trusted-host", "proxy", "timeout",
    "default-timeout", "retries", "keyring-provider",
)  # fmt: skip
_PIP_VARIABLES = {"timeout": "PIP_DEFAULT_TIMEOUT"}
_AS_UV_VARIABLE = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_NO_INDEX": "UV_NO_INDEX",
    "PIP_TRUSTED_HOST": "UV_INSECURE_HOST",
    "PIP_DEFAULT_TIMEOUT": "UV_HTTP_TIMEOUT",
    "REQUESTS_CA_BUNDLE": "SSL_CERT_FILE",
    "PIP_CERT": "SSL_CERT_FILE",
    "PIP_PROXY": "ALL_PROXY",
}


class CannotInstall(Exception):
    """The environment can't be built; the text says which step failed, why, and what to do."""


def require_python() -> None:
    """Go on in a newer interpreter from PATH where this one is too old for the tool; exit where there is none."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return
    for minor in range(20, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            sys.exit(subprocess.call([newer, *sys.argv]))
    found = ".".join(str(part) for part in sys.version_info[:3])
    sys.exit(f"ai-code-metrics needs Python >= 3.11; this is {found} ({sys.executable}), and PATH has no newer one.")


def installer_environment(environ: dict[str, str]) -> dict[str, str]:
    """Return the variables of ``environ`` that pip and uv may see: index, certificate, proxy settings and basics."""
    return {name: value for name, value in environ.items() if _KEPT_VARIABLES.fullmatch(name)}


def pip_settings(config_list: str) -> dict[str, str]:
    """Map the output of ``pip config list`` to variables, leaving out all that says where and what to install.

    The sections count in pip's own order (``global``, ``install``, environment), whatever file each stands in.
    """
    found: dict[str, str] = {}
    for section in ("global", "install", ":env:"):
        for line in config_list.splitlines():
            name, _, value = line.partition("=")
            option = name[len(section) + 1 :]
            if name.startswith(f"{section}.") and option in _PIP_OPTIONS:
                variable = _PIP_VARIABLES.get(option, "PIP_" + option.upper().replace("-", "_"))
                found[variable] = " ".join(str(ast.literal_eval(value)).split())
    return found


def uv_settings(variables: dict[str, str]) -> dict[str, str]:
    """Return the uv variables that say the same as the pip variables given, where uv's own aren't set."""
    translated = {
        ours: variables[theirs]
        for theirs, ours in _AS_UV_VARIABLE.items()
        if theirs in variables and ours not in variables
    }
    if "UV_FIND_LINKS" not in variables and "PIP_FIND_LINKS" in variables:
        translated["UV_FIND_LINKS"] = ",".join(variables["PIP_FIND_LINKS"].split())
    return translated


def without_credentials(url: str) -> str:
    """Return ``url`` with user and password cut out, for messages."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def environment_key(lock: bytes, source: dict[str, bytes], python: str) -> str:
    """Return the name of the environment: 16 hex digits over lock, source files by path, and interpreter."""
    digest = hashlib.sha256()
    for part in (python.encode(), lock, *(item for path in sorted(source) for item in (path.encode(), source[path]))):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def source_files(root: Path) -> dict[str, bytes]:
    """Return the content of every file that goes into the package, by its path in the repository."""
    files = [root / "pyproject.toml", *(root / "src").rglob("*")]
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
    }


def python_of(environment: Path) -> Path:
    """Return the interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def provide(base: Path, *, editable: bool = False) -> Path:
    """Return the interpreter of an environment below ``base`` with the package in it, built if there is none yet.

    Args:
        base: where environments are kept.
        editable: run the package from the source tree, instead of a copy of it as it is now.

    Raises:
        CannotInstall: building it failed.
    """
    lock = REQUIREMENTS / "runtime.txt"
    source = {} if editable else source_files(ROOT)
    key = environment_key(lock.read_bytes(), source, f"{sys.version} {sys.base_prefix} {platform.machine()} {editable}")
    pointer = base / f"{key}.json"
    ready = _pointed_at(pointer)
    if ready:
        _log(f"reusing {ready.parent}")
        return ready
    base.mkdir(parents=True, exist_ok=True)
    environment = Path(tempfile.mkdtemp(prefix=f"{key}-", dir=base))
    try:
        python = create(environment)
        fill(environment, lock, editable=editable)
    except BaseException:
        shutil.rmtree(environment, ignore_errors=True)
        raise
    unfinished = environment / "pointer.json"
    unfinished.write_text(json.dumps({"python": str(python)}), encoding="utf-8")
    unfinished.replace(pointer)
    return python


def _pointed_at(pointer: Path) -> Path | None:
    try:
        python = Path(json.loads(pointer.read_text(encoding="utf-8"))["python"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return python if python.is_file() else None


def create(environment: Path) -> Path:
    """Make an empty virtual environment, without pip, of the interpreter that runs this; return its interpreter.

    Raises:
        CannotInstall: this interpreter can't make environments.
    """
    try:
        venv.create(environment, symlinks=os.name != "nt", with_pip=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotInstall(f"{sys.executable} can't create a virtual environment in {environment}: {error}") from error
    return python_of(environment)


def fill(environment: Path, lock: Path, *, editable: bool) -> None:
    """Install everything in ``lock`` and then the package into the environment; by uv where it can be had, else by pip.

    Raises:
        CannotInstall: neither could.
    """
    variables = _variables(environment)
    python = str(python_of(environment))
    uv = _find_uv(environment, variables)
    try:
        if uv:
            _fill_by([uv, "pip", "install", "--quiet", "--python", python], lock, variables, editable=editable)
            return
    except CannotInstall as error:
        _log(f"uv failed, trying pip: {error}")
    finally:
        shutil.rmtree(environment / "uv", ignore_errors=True)
    pip = _find_pip(environment, variables)
    _fill_by([*pip, "install", "--quiet", "--disable-pip-version-check"], lock, variables, editable=editable)


def _fill_by(install: list[str], lock: Path, variables: dict[str, str], *, editable: bool) -> None:
    uv = install[1] == "pip"
    anywhere = ["--index-strategy", "unsafe-best-match"] if uv else []  # hashes say what is meant, not the index
    _run([*install, *anywhere, "--only-binary", ":all:", "--require-hashes", "-r", str(lock)], variables)
    no_cache = "--no-cache" if uv else "--no-cache-dir"  # uv would take a wheel that it built before the source changed
    package = ["--editable", str(ROOT)] if editable else [str(ROOT)]
    _run([*install, "--no-deps", "--no-build-isolation", "--no-index", no_cache, *package], variables)


def _variables(environment: Path) -> dict[str, str]:
    variables = installer_environment(dict(os.environ))
    listed = _try([sys.executable, "-I", "-m", "pip", "config", "list"], variables)
    variables.update(pip_settings(listed or ""))
    variables.update(uv_settings(variables))
    # the settings of pip's files that matter are variables by now; the others (target, user, constraint) would harm
    variables.update(PIP_CONFIG_FILE=os.devnull, VIRTUAL_ENV=str(environment), UV_NO_PROGRESS="1", UV_LINK_MODE="copy")
    return variables


def _find_uv(environment: Path, variables: dict[str, str]) -> str | None:
    on_path = shutil.which("uv")
    if on_path:
        return on_path
    pip = _own_pip(variables)
    if not pip:
        return None
    home = environment / "uv"
    python = create(home)
    lock = str(REQUIREMENTS / "bootstrap.txt")
    options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--require-hashes", "-r", lock]
    if _try([*pip, "--python", str(python), "install", *options], variables) is None:
        _log("uv can't be fetched; installing by pip, which takes a little longer")
        return None
    return str(python.with_name("uv.exe" if os.name == "nt" else "uv"))


def _find_pip(environment: Path, variables: dict[str, str]) -> list[str]:
    python = str(python_of(environment))
    pip = _own_pip(variables)
    if pip:
        return [*pip, "--python", python]
    _run([python, "-I", "-m", "ensurepip"], variables)
    return [python, "-I", "-m", "pip"]


def _own_pip(variables: dict[str, str]) -> list[str] | None:
    """Return the pip of this interpreter, if it has one that can install into other environments."""
    pip = [sys.executable, "-I", "-m", "pip"]
    version = re.match(r"pip (\d+)\.(\d+)", _try([*pip, "--version"], variables) or "")
    if version and tuple(map(int, version.groups())) >= _OLDEST_PIP_WITH_PYTHON_OPTION:
        return pip
    return None


def _try(argv: list[str], variables: dict[str, str]) -> str | None:
    try:
        return _run(argv, variables)
    except CannotInstall:
        return None


def _run(argv: list[str], variables: dict[str, str]) -> str:
    """Run ``argv`` in an empty directory, where no configuration file of a project is found; return its stdout."""
    with tempfile.TemporaryDirectory() as nowhere:
        try:
            done = subprocess.run(
                argv, env=variables, cwd=nowhere, capture_output=True, text=True, encoding="utf-8", errors="replace",
                stdin=subprocess.DEVNULL, timeout=_TIMEOUT_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotInstall(f"{_shown(argv)}: {error}") from error
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "it printed nothing")[-1500:]
        index = without_credentials(variables.get("PIP_INDEX_URL") or variables.get("UV_DEFAULT_INDEX") or "pypi.org")
        raise CannotInstall(f"{_shown(argv)} ended with exit code {done.returncode} (index: {index}):\n{words}")
    return done.stdout


def _shown(argv: list[str]) -> str:
    return " ".join([Path(argv[0]).name, *argv[1:]])


def _log(text: str) -> None:
    print(text, file=sys.stderr)


def _write_output(path: str, name: str, value: str) -> None:
    delimiter = f"end-{secrets.token_hex(16)}"
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def _default_directory() -> Path:
    chosen = os.environ.get("AI_CODE_METRICS_ENVIRONMENTS")
    return Path(chosen or Path(os.environ.get("RUNNER_TEMP") or tempfile.gettempdir()) / "ai-code-metrics-environments")


def main(arguments: list[str] | None = None) -> int:
    """Build or reuse the environment; print the path of its interpreter as the last line."""
    require_python()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--directory",
        type=Path,
        help="where environments are kept; default: $AI_CODE_METRICS_ENVIRONMENTS, else below $RUNNER_TEMP",
    )
    parser.add_argument("--github-output", action="store_true", help="also write it to $GITHUB_OUTPUT, as `python`")
    parser.add_argument("--editable", action="store_true", help="run the package from this source tree")
    options = parser.parse_args(arguments)
    try:
        python = provide((options.directory or _default_directory()).absolute(), editable=options.editable)
    except (CannotInstall, OSError) as error:
        _log(f"error: ai-code-metrics can't be installed: {error}")
        if os.environ.get("GITHUB_ACTIONS") == "true":
            first_line = str(error).split("\n", 1)[0].replace("%", "%25")
            print(f"::error title=ai-code-metrics can't be installed::{first_line}")
        return INSTALL_FAILED
    if options.github_output:
        _write_output(os.environ["GITHUB_OUTPUT"], "python", str(python))
    print(python)
    return 0


if __name__ == "__main__":
    sys.exit(main())
