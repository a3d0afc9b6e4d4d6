"""What Schemathesis asks besides its own checks: loaded by its configuration, `schemathesis.toml` beside this file."""

from typing import Any

import schemathesis
from schemathesis.generation import GenerationMode

#: Refused for its shape; every other refusal with 400 says what the books do not allow.
_OF_SHAPE = {"invalid_input", "parse_error", "bad_request"}


@schemathesis.check
def what_is_described_is_understood(ctx: Any, response: Any, case: Any) -> None:
    """A request as the description wants it may be refused for what it says, and never for how it looks."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE or response.status_code != 400:
        return
    problem = response.json()
    assert problem["code"] not in _OF_SHAPE, problem["detail"]
