"""The JSON Schema files of the project: docs/schema/COMMAND.schema.json for a document whose "schema" says
"pgunlock.COMMAND/VERSION"."""

import functools
import json
import pathlib
import re

import jsonschema

DIRECTORY = pathlib.Path(__file__).resolve().parents[3] / "docs" / "schema"


@functools.lru_cache(maxsize=None)
def _validator(name):
    path = DIRECTORY / f"{name}.schema.json"
    assert path.exists(), f"there is no schema for pgunlock.{name}: {path}"
    schema = json.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    resolver = jsonschema.RefResolver(path.as_uri(), schema)
    return validator(schema, resolver=resolver, format_checker=jsonschema.FormatChecker())


def validate(document):
    """An AssertionError when the document isn't what its schema says."""
    name = re.fullmatch(r"pgunlock\.([a-z_]+)/[0-9]+", str(document.get("schema")))
    assert name, f"no schema is named in the document: {document.get('schema')!r}"
    errors = sorted(_validator(name.group(1)).iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    assert not errors, "the document is not as its schema says: " + "; ".join(
        f"at {'/'.join(map(str, error.absolute_path)) or 'the top'}: {error.message[:300]}" for error in errors[:5])
