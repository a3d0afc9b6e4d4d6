"""The API's description is true: Schemathesis reads it, and sends what it allows and what it forbids.

What is sent here is a few requests for each address; ``make fuzz EXAMPLES=30`` sends more, and each bound besides.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from core.services import create_api_token
from tests.asgi_server import served
from tests.browser.fleet import make_fleet
from tests.factories import UserFactory

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
_EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
HOW_MUCH = (
    ("--max-examples", _EXAMPLES)
    if _EXAMPLES
    else ("--phases", "examples,fuzzing,stateful", "--max-examples", "2", "--seed", "26")
)


@pytest.mark.django_db(transaction=True)
def test_what_is_described_is_what_is_answered(tmp_path):
    """All of Schemathesis's checks, requests that build on each other included, without a finding."""
    make_fleet()
    user = UserFactory.create(is_superuser=True)
    token = create_api_token(user=user, name="schemathesis", scope="ALL", now=timezone.now()).secret
    with served() as port:
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml", "--no-color"),
                *("run", f"http://127.0.0.1:{port}/api/schema", "--header", f"Authorization: Bearer {token}"),
                *("--checks", "all", "--continue-on-failure", "--warnings", "off", *HOW_MUCH),
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-2_000:]
    assert "No issues found" in ran.stdout
