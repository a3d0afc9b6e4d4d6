"""The description of the API is written once, in each of its formats."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.api import views
from core.api.methods import DoorsGenerator
from tests.factories import UserFactory


@pytest.mark.django_db
def test_the_description_is_written_for_the_first_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[dict[str, Any]] = []

    def write(self: DoorsGenerator, request: Any = None, public: bool = False) -> dict[str, Any]:
        written.append({"openapi": f"{len(written)}"})
        return written[-1]

    monkeypatch.setattr(views, "_described", {})
    monkeypatch.setattr(DoorsGenerator, "get_schema", write)
    client = APIClient()
    client.force_authenticate(UserFactory.create())

    as_json = [client.get("/api/schema", HTTP_ACCEPT="application/json") for _ in range(2)]
    as_yaml = [client.get("/api/schema") for _ in range(2)]

    assert [json.loads(answer.content) for answer in as_json] == [{"openapi": "0"}] * 2
    assert [answer.content for answer in as_yaml] == [b"openapi: '1'\n"] * 2
    assert as_yaml[0]["Content-Type"] == "application/vnd.oai.openapi; charset=utf-8"
    assert APIClient().get("/api/schema").status_code == 401
