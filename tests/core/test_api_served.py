"""What clients send wrongly, as the real server gets it: refused by name, and never by a failure of ours."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils import timezone

from core.services import create_api_token
from tests.asgi_server import send_raw, served
from tests.factories import UserFactory

SCHEMA, DOCS, LIST, PAY = b"/api/schema", b"/api/docs", b"/api/ledger/balances", b"/api/ledger/interim-payment"
JSON = b"Content-Type: application/json"
FORM, LOGIN, IMPORTS = b"Content-Type: multipart/form-data; boundary=BB", b"/admin/login/", b"/api/imports"
FIELD = b'--BB\r\nContent-Disposition: form-data; name="kind"\r\n\r\n+2AA-\xff\r\n--BB--\r\n'
UTF_16 = '{"driver_id": 1}'.encode("utf-16")

#: What is sent after the token, and the status and code that answer it; no code where there is no body of ours.
SENT: list[tuple[bytes, bytes, bytes, int, str]] = [
    *(
        (b"GET " + page + b"?" + asked, b"", b"", 400, "invalid_input")
        for page in (SCHEMA, DOCS, LIST)
        for asked in (b"version=%00", b"version=1%0d%0aX-Evil:1", b"lang=%ff", b"format=json", b"%00=1", b"x" * 5000)
    ),
    (b"GET " + LIST + b"?cursor=%00", b"", b"", 400, "invalid_input"),
    (b"GET " + LIST + b"?cursor=%ff", b"", b"", 400, "invalid_cursor"),
    (b"GET " + LIST + b"?cursor=" + b"9" * 9000, b"", b"", 400, "invalid_cursor"),
    (b"GET " + LIST + b"?" + b"&" * 1500, b"", b"", 400, "bad_request"),
    (b"GET " + SCHEMA, b"", b"", 200, ""),
    (b"GET " + SCHEMA, b"Accept: application/vnd.oai.openapi+json; charset=utf-16; indent=-1", b"", 200, ""),
    (b"GET " + DOCS + b"?script=%00", b"", b"", 200, ""),
    (b"HEAD " + SCHEMA, b"", b"", 200, ""),
    (b"GET " + SCHEMA, b"Accept: \xff/\xfe;q=%00", b"", 406, "not_acceptable"),
    (b"GET " + LIST, b"Accept: garbage", b"", 406, "not_acceptable"),
    (b"OPTIONS " + SCHEMA, b"", b"", 405, "method_not_allowed"),
    (b"PROPFIND " + LIST, b"", b"", 405, "method_not_allowed"),
    (b"GET /api/schema/%00", b"", b"", 400, "bad_request"),
    (b"GET /api/%ff%fe", b"", b"", 404, "not_found"),
    (b"POST " + PAY, JSON + b"; charset=utf-16\r\nIdempotency-Key: k", UTF_16, 400, "parse_error"),
    (b"POST " + PAY, JSON + b"; charset=nope\r\nIdempotency-Key: k", b"\xff", 400, "parse_error"),
    (b"POST " + PAY, b"Content-Type: \xff\r\nIdempotency-Key: k", b"{}", 415, "unsupported_media_type"),
    (b"POST " + PAY, b"Content-Type: multipart/form-data\r\nIdempotency-Key: k", b"{}", 415, "unsupported_media_type"),
    (b"POST " + IMPORTS, FORM, FIELD, 400, "invalid_input"),
    *((b"POST " + IMPORTS, FORM + b"; charset=" + name, FIELD, 400, "parse_error") for name in (b"utf-7", b"rot13")),
    *((b"POST " + LOGIN, FORM + b"; charset=" + name, FIELD, 400, "") for name in (b"utf-7", b"rot13", b"idna")),
    *((page, b"Content-Type: text/plain; x*=nope''y", b"", 200, "") for page in (b"GET " + SCHEMA, b"GET " + LOGIN)),
    (b"POST " + PAY, JSON + b"; x*=nope''y\r\nIdempotency-Key: k", b"{}", 415, "unsupported_media_type"),
    (b"POST " + IMPORTS, FORM + b"; charset*=nope''utf-8", FIELD, 415, "unsupported_media_type"),
    (b"POST " + LOGIN, FORM + b"; boundary*=nope''BB", FIELD, 403, ""),
    (b"POST " + PAY, JSON + b"\r\nIdempotency-Key: \xff", b"{}", 400, "idempotency_key_invalid"),
    (b"GET " + SCHEMA, b"Authorization: Bearer \xff\xfe", b"", 401, "invalid_token"),
    (
        b"GET " + SCHEMA,
        b"Authorization: Basic =\r\nCookie: sessionid=%00\xff; csrftoken==;",
        b"",
        401,
        "not_authenticated",
    ),
]


@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_sent_makes_a_failure_of_ours():
    user = UserFactory.create(is_superuser=True)
    token = create_api_token(user=user, name="junk", scope="ALL", now=timezone.now()).secret.encode()
    wrong = []
    with served() as port:
        for line, headers, body, status, code in SENT:
            known = b"" if b"Authorization" in headers else b"\r\nAuthorization: Bearer " + token
            sent = known + b"".join(b"\r\n" + part for part in (headers,) if part)
            sent += b"\r\nContent-Length: %d" % len(body) if body else b""
            head, _, content = send_raw(port, line + b" HTTP/1.1" + sent, body).partition(b"\r\n\r\n")
            answered = int(head.split()[1]), json.loads(content)["code"] if code and content else ""
            if answered != (status, code) or b"x-request-id: " not in head.lower() or b"x-evil" in head.lower():
                wrong.append((line[:60], headers[:60], answered, head[:200]))

        def name_of(number: int) -> str:
            asked = b"GET " + LIST + b" HTTP/1.1\r\nX-Request-Id: till-%d" % number
            return str(json.loads(send_raw(port, asked).partition(b"\r\n\r\n")[2])["request_id"])

        with ThreadPoolExecutor(8) as clients:
            names = list(clients.map(name_of, range(24)))

    assert wrong == []
    assert names == [f"till-{number}" for number in range(24)]
