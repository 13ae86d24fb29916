"""Upload a directory as GitHub's own action does: as one zip, by the artifact protocol v4, hidden files left out."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import urllib.request
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

_FORBIDDEN = set('":<>|*?\r\n\\/')


def _archive(root: Path) -> bytes:
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not _hidden(path.relative_to(root))]
    if not files:
        if os.environ["IF_NO_FILES_FOUND"] == "error":
            sys.exit(f"No files were found with the provided path: {root}.")
        return b""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, path.relative_to(root).as_posix())
    return buffer.getvalue()


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _backend_ids(token: str) -> dict[str, str]:
    """Read the ids of run and job from the scope ``Actions.Results:<run>:<job>`` of the runtime token."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    scope = next(scope for scope in claims["scp"].split() if scope.startswith("Actions.Results:"))
    _, run, job = scope.split(":")
    return {"workflow_run_backend_id": run, "workflow_job_run_backend_id": job}


def _call(method: str, body: dict[str, Any]) -> dict[str, Any]:
    url = os.environ["ACTIONS_RESULTS_URL"].rstrip("/") + "/twirp/github.actions.results.api.v1.ArtifactService/"
    headers = {
        "Authorization": "Bearer " + os.environ["ACTIONS_RUNTIME_TOKEN"],
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(url + method, json.dumps(body).encode(), headers)  # noqa: S310 - act's own server
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        answer = json.load(response)
    if not answer.get("ok"):
        sys.exit(f"{method} was refused: {answer}")
    return dict(answer)


def _put(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, body, {"x-ms-blob-type": "BlockBlob"}, method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass


def main() -> None:
    """Create the artifact, send its bytes as one block, finalise it."""
    name = os.environ["ARTIFACT_NAME"]
    if not name or _FORBIDDEN & set(name):
        sys.exit(f"The artifact name is not valid: {name!r}")
    archive = _archive(Path(os.environ["ARTIFACT_PATH"]))
    if not archive:
        return
    ids = _backend_ids(os.environ["ACTIONS_RUNTIME_TOKEN"])
    url = _call("CreateArtifact", {**ids, "name": name, "version": 4})["signedUploadUrl"]
    block = base64.b64encode(b"block-0000").decode()
    _put(f"{url}&comp=block&blockid={quote(block)}", archive)
    _put(f"{url}&comp=blocklist", f"<BlockList><Latest>{block}</Latest></BlockList>".encode())
    digest = "sha256:" + hashlib.sha256(archive).hexdigest()
    _call("FinalizeArtifact", {**ids, "name": name, "size": str(len(archive)), "hash": digest})
    print(f"Artifact {name} has been successfully uploaded: {len(archive)} bytes")  # noqa: T201 - the log of the step


if __name__ == "__main__":
    main()
