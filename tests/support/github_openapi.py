"""GitHub's own OpenAPI description, by which requests and answers of the fake GitHub are judged.

The description (npm package ``@octokit/openapi``, 13 MB) is too large for the repository: see ``npm_packages``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft4Validator

from support.npm_packages import CACHE_VARIABLE, cache_directory, install

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CACHE_VARIABLE", "Exchange", "GithubDescription", "cache_directory", "fetch"]

FILE: Final = Path("node_modules/@octokit/openapi/generated/api.github.com.json")


def fetch(cache: Path) -> Path:
    """Return the description's file, fetched where this version isn't in the cache yet.

    Raises:
        ServiceMissing: npm is not installed.
        AssertionError: npm could not fetch the package.
    """
    return install(cache) / FILE


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its answer; bodies are parsed JSON, None where there is none. ``target`` is path and query."""

    method: str
    target: str
    request: Any
    status: int
    answer: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GithubDescription:
    """The description, with one question: what is wrong about an exchange?"""

    document: Mapping[str, Any]

    @classmethod
    def load(cls, path: Path) -> GithubDescription:
        """Read the description from a file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def violations(self, exchange: Exchange) -> list[str]:
        """Return what GitHub's description says against the exchange, empty where it fits.

        Strict beyond the description: an unknown path, an undescribed query parameter and a property that the schema
        doesn't name are violations too. Failures of the service (429, 5xx) are not described and so not judged.
        """
        parts = urlsplit(exchange.target)
        found = self._operation(exchange.method, parts.path)
        where = f"{exchange.method} {exchange.target} -> {exchange.status}"
        if found is None:
            return [f"{where}: GitHub has no such operation"]
        operation, values = found
        values |= {f"query {name}": value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
        problems = [
            *self._parameter_problems(operation, values),
            *self._request_problems(operation, exchange.request),
            *self._answer_problems(operation, exchange),
        ]
        return [f"{where}: {problem}" for problem in problems]

    def schema_problems(self, schema: Any, value: Any) -> list[str]:
        """Return where a value doesn't fit a schema of the description."""
        document = {"definitions": self._definitions, **_strict(schema)}
        errors = Draft4Validator(document).iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors]

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        return {name: _strict(schema) for name, schema in self.document["components"]["schemas"].items()}

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], Mapping[str, Any]]]:
        # templates with fewer parameters first: /issues/comments/{comment_id} before /issues/{issue_number}/comments
        templates = sorted(self.document["paths"], key=lambda template: template.count("{"))
        return [(_pattern(template), self.document["paths"][template]) for template in templates]

    def _operation(self, method: str, path: str) -> tuple[Mapping[str, Any], dict[str, str]] | None:
        for pattern, operations in self._paths:
            match = pattern.fullmatch(path)
            if match and method.lower() in operations:
                return operations[method.lower()], {f"path {k}": v for k, v in match.groupdict().items()}
        return None

    def _resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            target: Any = self.document
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            node = target
        return node

    def _parameter_problems(self, operation: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
        described = {f"{p['in']} {p['name']}": p for p in map(self._resolve, operation.get("parameters", ()))}
        for name, value in values.items():
            if name not in described:
                yield f"the parameter {name} is not described"
            elif self._resolve(described[name]["schema"]).get("type") == "integer" and not value.isdigit():
                yield f"the parameter {name} must be a number, not {value!r}"
            elif name == "query per_page" and int(value) > 100:
                yield f"per_page is at most 100, not {value}"

    def _request_problems(self, operation: Mapping[str, Any], body: Any) -> list[str]:
        described = operation.get("requestBody")
        if described is None:
            return [] if body is None else ["the request has a body, the operation takes none"]
        if body is None:
            return ["the request has no body"] if described.get("required") else []
        schema = described["content"]["application/json"]["schema"]
        return [f"request {problem}" for problem in self.schema_problems(schema, body)]

    def _answer_problems(self, operation: Mapping[str, Any], exchange: Exchange) -> list[str]:
        status = exchange.status
        if status == 429 or status >= 500:
            return []
        response = operation["responses"].get(str(status))
        if response is None and status in {401, 403, 404}:  # described for some operations, given by all
            response = self.document["components"]["responses"]["forbidden"]
        if response is None:
            return [f"the status is not described, only {', '.join(operation['responses'])}"]
        content = self._resolve(response).get("content")
        if content is None:
            return [] if exchange.answer is None else ["the answer has a body, the operation gives none"]
        problems = self.schema_problems(content["application/json"]["schema"], exchange.answer)
        return [f"answer {problem}" for problem in problems]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{([a-z_]+)\}", template)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts)))


def _strict(schema: Any, *, inside_all_of: bool = False) -> Any:
    """Translate an OpenAPI 3.0 schema to JSON Schema draft 4, which it is an offspring of, and close its objects."""
    if isinstance(schema, list):
        return [_strict(item, inside_all_of=inside_all_of) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/definitions/")}
    translated = {
        key: _strict(value, inside_all_of=key == "allOf")
        if key not in {"properties", "enum", "example", "examples", "default"}
        else value
        for key, value in schema.items()
    }
    if "properties" in schema:
        translated["properties"] = {name: _strict(value) for name, value in schema["properties"].items()}
        combined = inside_all_of or {"allOf", "anyOf", "oneOf"} & set(schema)
        if not combined:
            translated.setdefault("additionalProperties", False)
    if translated.pop("nullable", False):
        return {"anyOf": [translated, {"type": "null"}]}
    return translated
