"""What Schemathesis asks besides its own checks: loaded by its configuration, `schemathesis.toml` beside this file."""

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from core.checks import EARLIEST, LATEST

# A pattern says of days which ones are taken; of all that there are, one in a hundred is.
schemathesis.openapi.format("date", st.dates(EARLIEST, LATEST).map(str))

#: Refused for its shape; every other refusal with 400 says what the books do not allow.
_OF_SHAPE = {"invalid_input", "parse_error", "bad_request"}


@schemathesis.check
def what_is_described_is_understood(ctx: Any, response: Any, case: Any) -> None:
    """A request as the description wants it may be refused for what it says, and never for how it looks.

    That no two lines of a list name the same is beyond what a description can say.
    """
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE or response.status_code != 400:
        return
    problem = response.json()
    told = {error["code"] for error in problem.get("errors", ())}
    assert problem["code"] not in _OF_SHAPE or told == {"duplicate_reference"}, problem["detail"]
