"""Holds JSON documents of pgunlock against docs/schema.

    schemas.py FILE|DIRECTORY...      each file a document, or with .jsonl one a line

In tests: schemas.validate(document)."""

import json
import pathlib
import sys

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "docs" / "schema"


def load_all():
    return {path.name: json.loads(path.read_text()) for path in sorted(SCHEMAS.glob("*.schema.json"))}


_schemas = load_all()
_store = {f"{SCHEMAS.as_uri()}/{name}": schema for name, schema in _schemas.items()}


def validator_for(name):
    schema = _schemas[f"{name}.schema.json"]
    resolver = jsonschema.RefResolver(f"{SCHEMAS.as_uri()}/{name}.schema.json", schema, store=_store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def validate(document):
    """Raises jsonschema.ValidationError; the schema is the one that the document names, or that ours inside one of
    others (the body for a webhook) names."""
    document = document if "schema" in document else document["pgunlock"]
    command, _, version = document["schema"].removeprefix("pgunlock.").partition("/")
    if version != "1":
        raise jsonschema.ValidationError(f"unknown schema {document['schema']}")
    validator_for(command).validate(document)


def check_strictness(name, schema, where="$"):
    """Every object says which members it has, all of them required, and no others."""
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            check_strictness(name, item, f"{where}[{index}]")
    elif isinstance(schema, dict):
        members = schema.get("properties")
        if isinstance(members, dict) and schema.get("type") == "object":
            if sorted(members) != sorted(schema.get("required", [])) or schema.get("additionalProperties") is not False:
                raise SystemExit(f"{name}: {where} is not strict")
        for key, item in schema.items():
            check_strictness(name, item, f"{where}.{key}")


def documents_of(path):
    text = path.read_text()
    return [json.loads(line) for line in text.splitlines()] if path.suffix == ".jsonl" else [json.loads(text)]


def main(names):
    for name, schema in _schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        check_strictness(name, schema)
    paths = []
    for path in map(pathlib.Path, names):
        paths += sorted(path.glob("*.json*")) if path.is_dir() else [path]
    n_bad = 0
    for path in paths:
        for document in documents_of(path):
            try:
                validate(document)
            except jsonschema.ValidationError as error:
                n_bad += 1
                print(f"{path}: {error.json_path}: {error.message[:300]}")
    print(f"{len(paths)} files, {n_bad} documents that don't fit")
    return 1 if n_bad or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
