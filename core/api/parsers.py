"""JSON bodies, read strictly: what could be meant in two ways, or could not be stored, is refused here."""

import json
from dataclasses import dataclass
from typing import IO, Any, NoReturn

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

#: 1,000 charges with the longest references and words are half of it.
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A JSON number with a point or an exponent, kept as it was written: a float would have changed it."""

    text: str

    def __str__(self) -> str:
        return self.text


class BodyTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "body_too_large"
    default_detail = f"A request body has at most {MAX_BYTES:,} bytes."


class StrictJSONParser(BaseParser):
    """JSON in UTF-8, without NaN and Infinity, without repeated names, without text that PostgreSQL can't hold."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise BodyTooLarge
        try:
            parsed = json.loads(
                body.decode("utf-8"),
                parse_float=WrittenNumber,
                parse_constant=_refuse_constant,
                object_pairs_hook=_refuse_repeated_names,
            )
            text = json.dumps(parsed, ensure_ascii=False, default=str)
            text.encode("utf-8")
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except UnicodeEncodeError:
            raise ParseError("The JSON has half a surrogate pair in it.") from None
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from None
        if "\\u0000" in text and _has_nul(parsed):
            raise ParseError("Text may not have the character U+0000.")
        return parsed


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _refuse_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{repeated[:80]!r} is given twice")
    return named


def _has_nul(value: Any) -> bool:
    """Return whether a string in ``value``, a name included, has U+0000; however deep it is, since nothing recurses."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            if "\0" in found:
                return True
        elif isinstance(found, dict):
            waiting += found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    return False
