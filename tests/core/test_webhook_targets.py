"""Where messages are sent: into the open internet alone, to the address that was looked at, and never for long."""

import socket
from typing import Any

import pytest
from django.conf import settings as project_settings

from core.webhooks import targets

PRIVATE = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "::127.0.0.1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8%1", "64:ff9b::7f00:1", "2002:7f00:1::"),
]


class TestTargets:
    @pytest.mark.parametrize("address", PRIVATE)
    def test_a_name_that_leads_into_a_private_range_is_refused_before_anything_is_sent(self, address, monkeypatch):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443)),
            (family, socket.SOCK_STREAM, 6, "", (address, 443)),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
        monkeypatch.setattr(socket, "create_connection", lambda *args, **kwargs: pytest.fail("it connected"))

        with pytest.raises(targets.TargetRefused):
            targets.post("https://innocent.example/", body=b"{}", headers={})

    @pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "0"])
    def test_however_this_machine_is_written(self, host):
        with pytest.raises(targets.TargetRefused):
            targets.post(f"https://{host}/", body=b"{}", headers={})

    @pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
    def test_the_open_internet_is_not_refused(self, address):
        assert targets.is_public(targets.ip_address(address))

    def test_the_connection_is_made_to_the_address_that_was_looked_at(self, receiver, monkeypatch):
        """A name that answers otherwise the second time leads nowhere else: it is asked once."""
        port = int(receiver.url.split(":")[2].split("/")[0])
        asked: list[str] = []

        def look_up(host: str, *args: Any, **kwargs: Any) -> list[Any]:
            asked.append(host)
            assert len(asked) == 1 or host == "127.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        answer = targets.post(f"http://rebinding.example:{port}/", body=b"{}", headers={}, allow_private=True)

        assert answer.status == 204
        assert receiver.got[0][0]["host"] == f"rebinding.example:{port}"
        assert [host for host in asked if host != "127.0.0.1"] == ["rebinding.example"]

    def test_a_host_that_drips_is_cut_off(self, monkeypatch):
        monkeypatch.setattr(targets, "DEADLINE", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with pytest.raises(targets.TargetFailed, match="in time"):
                targets.post(f"http://127.0.0.1:{port}/", body=b"{}", headers={}, allow_private=True)

    def test_nobody_there_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with pytest.raises(targets.TargetFailed, match="ConnectionRefused"):
            targets.post(f"http://127.0.0.1:{port}/", body=b"{}", headers={}, allow_private=True)

    def test_nothing_private_is_allowed_unless_somebody_says_so(self):
        assert project_settings.WEBHOOK_ALLOW_PRIVATE is False
