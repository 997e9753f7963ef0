"""The description of the API: made from the views, kept in a file, served from it."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.settings import patched_settings

SCHEMA_FILE: Final = Path(__file__).resolve().parent.parent / "schema.yml"
# Neither says what types it takes.
_Generator: Final[Any] = SchemaGenerator
_Renderer: Final[Any] = OpenApiYamlRenderer
_ERROR: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "For programs."},
                "message": {"type": "string", "description": "For people."},
                "fields": {"type": "object", "additionalProperties": True},
            },
        }
    },
}
_SETTINGS: Final = {
    "TITLE": "Tributary",
    "DESCRIPTION": "Chat for your own pages, apps and systems.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "APPEND_COMPONENTS": {"schemas": {"Error": _ERROR}},
    "POSTPROCESSING_HOOKS": ["helpdesk.api.v1.schema.with_errors"],
}


def with_errors(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Say of each address that whatever goes wrong has one shape."""
    shape = {"schema": {"$ref": "#/components/schemas/Error"}}
    answer = {"description": "Not carried out.", "content": {"application/json": shape}}
    for methods in result["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = answer
    return result


def described() -> str:
    """Return the description of the API as it is now, as YAML."""
    # They describe the views that say nothing about themselves.
    from helpdesk.api.v1 import describing  # noqa: F401

    with patched_settings(_SETTINGS):
        generator: Any = _Generator()
        renderer: Any = _Renderer()
        schema = generator.get_schema(request=None, public=True)
        written: bytes = renderer.render(schema, renderer_context={})
    return written.decode()


@lru_cache(maxsize=1)
def _kept() -> bytes:
    return SCHEMA_FILE.read_bytes()


@login_not_required
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The description of the API, for everybody and from any page."""
    response = HttpResponse(_kept(), content_type="application/yaml; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=300"
    return response
