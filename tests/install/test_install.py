"""A stranger installs the product from docs/install.md. Minutes, root and the network: `make install-test`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.document import as_script, list_commands
from tests.install.machine import Machine, why_not_here
from tests.tickets.files import TLC_HEAD

PROJECT = Path(__file__).resolve().parents[2]
NAME = "ledger.fleet.test"
CODE = "/root/fleet.git"
PASSWORD = "a long way to Flushing"

#: Answers that a person would type.
_ASKED = {
    "DJANGO_SUPERUSER_USERNAME": "olga",
    "DJANGO_SUPERUSER_EMAIL": "olga@fleet.test",
    "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
}
#: curl, that knows the name's certificate alone.
_CURL = "curl --silent --show-error --cacert /etc/fleet/tls/fullchain.pem --max-time 60"
#: Leaves the first page in ``home``, and ``curl`` signed in.
_SIGN_IN = f"""set -eu; cd "$(mktemp -d)"
    curl() {{ command {_CURL} --fail --cookie jar --cookie-jar jar "$@"; }}
    login="https://{NAME}/admin/login/?next=/admin/"
    curl "$login" > form
    token=$(sed -n 's/.*name="csrfmiddlewaretoken" value="\\([^"]*\\)".*/\\1/p' form | head -n1)
    curl --location --referer "$login" "$login" --data-urlencode "csrfmiddlewaretoken=$token" \\
        --data-urlencode "username=olga" --data-urlencode "password={PASSWORD}" > home
"""
_PROCESSES = ("fleet-web", "fleet-worker", "fleet-beat")

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(os.environ.get("INSTALL_ROOT") != "1", reason="takes minutes: make install-test"),
]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A bare Debian on which every command of the document was run."""
    if reason := why_not_here():
        pytest.fail(f"A bare Debian can't be made here: {reason}")
    made = Machine.make()
    try:
        _put_the_code(made.root)
        first, *blocks = list_commands()
        values = first.commands.replace("ledger.example.com", NAME).replace("https://git.example.com/fleet.git", CODE)
        assert values == f"NAME={NAME}\nCODE={CODE}\n"
        fetching = [block for block in blocks if block.fetches]
        assert blocks[: len(fetching)] == fetching, "what fetches something stands before what does not"
        sys.stdout.write(made.run_with_network(values + as_script(fetching)))
        with (made.root / "etc/hosts").open("a") as hosts:
            hosts.write(f"127.0.0.1 localhost {NAME}\n::1 localhost\n")
        made.boot()
        # Besides the login that is made, whose password is printed once, one whose password is known here.
        rest = as_script(blocks[len(fetching) :]).replace(
            "fleet add_person YOUR-USER-NAME --superuser",
            "fleet add_person the-first-one --superuser\nfleet createsuperuser --noinput",
        )
        sys.stdout.write(made.run(f"{values}cd /srv/fleet\n{rest}", **_ASKED))
        yield made
    finally:
        made.remove()


def _put_the_code(root: Path) -> None:
    """Have the code as it stands here, what is not committed yet too, in a repository of its own."""
    git = ("git", "-C", str(PROJECT))
    here = subprocess.run([*git, "stash", "create"], capture_output=True, text=True, check=True).stdout.strip()
    repository = root / CODE.removeprefix("/")
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository)], check=True)
    subprocess.run([*git, "push", "--quiet", str(repository), f"{here or 'HEAD'}:refs/heads/main"], check=True)


def test_all_three_run_and_are_not_tried_again_and_again(machine: Machine) -> None:
    told = machine.run(f"systemctl show --property=ActiveState,NRestarts {' '.join(_PROCESSES)}")

    assert (
        told.split() == ["ActiveState=active", "NRestarts=0"] * 3
        or told.split()
        == [
            "NRestarts=0",
            "ActiveState=active",
        ]
        * 3
    )
    assert machine.run("systemd-analyze verify /etc/systemd/system/fleet-*.service") == ""


def test_a_person_signs_in_over_tls(machine: Machine) -> None:
    told = machine.run(f"""{_SIGN_IN}
        grep --count __Host-sessionid jar; grep --only-matching --max-count=1 'olga' home | head -n1
        style=$(grep --only-matching '/static/[^"]*\\.css' home | head -n1)
        curl --head "https://{NAME}$style" | grep --ignore-case '^content-security-policy' | cut -d: -f1
    """)

    assert told.lower().split() == ["1", "olga", "content-security-policy"]


def test_a_program_takes_a_payment_over_tls(machine: Machine) -> None:
    told = machine.run(f"""set -eu
        token=$(fleet create_api_token olga till-1 --scope ALL --days 30 2>/dev/null)
        post() {{
            {_CURL} --fail-with-body -H "Authorization: Bearer $token" -H "Content-Type: application/json" "$@"
        }}
        post "https://{NAME}/api/drivers" \
            -d '{{"first_name": "Anil", "last_name": "Jeudy", "tlc_license": "5401838"}}' > driver
        id=$(python3 -c 'import json; driver = json.load(open("driver")); print(driver["id"])')
        post "https://{NAME}/api/ledger/interim-payment" -H "Idempotency-Key: till-1-0001" \
            -d "{{\\"driver_id\\": $id, \\"payment_amount\\": \\"75.50\\", \\"payment_method\\": \\"CASH\\"}}"
    """)

    assert json.loads(told)["receipt"] == "PAY-000001"
    assert json.loads(told)["on_account"] == "75.50"


def test_a_file_goes_from_the_web_process_to_the_worker(machine: Machine) -> None:
    told = machine.run(f"""set -eu; cd "$(mktemp -d)"
        token=$(fleet create_api_token olga files --scope ALL --days 30 2>/dev/null)
        ask() {{ {_CURL} --fail-with-body -H "Authorization: Bearer $token" "$@"; }}
        printf '%s\n' '{TLC_HEAD}' 'S1,TRIAL,11/02/2026,10:00,5401838,1A01,T1C,NY,50.00,12/02/2026,' > tickets.csv
        id=$(ask --form file=@tickets.csv "https://{NAME}/api/imports" |
            python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')
        for second in $(seq 60); do
            ask "https://{NAME}/api/imports/$id" > import
            if ! grep -E -q '"state": ?"RECEIVED"' import; then break; fi
            sleep 1
        done
        cat import
    """)

    assert json.loads(told)["state"] == "STAGED", told


def test_a_paper_is_set(machine: Machine) -> None:
    """The typesetter is a library of machine code: the walls of the unit must let it work."""
    told = machine.run(f"""{_SIGN_IN}
        address=$(fleet shell -v0 -c "from django.urls import reverse; from leases.models import Driver
print(reverse('admin:ledger_driver_statement_pdf', args=[Driver.objects.first().pk]))")
        curl "https://{NAME}$address?from_on=$(date +%F)&to_on=$(date +%F)" | head --bytes=5
    """)

    assert told == "%PDF-"


class TestWhatTheProductMayNot:
    def test_be_the_owner(self, machine: Machine) -> None:
        told = machine.fails("runuser -u fleet -- psql fleet -c 'SELECT 1'")
        assert 'role "fleet" does not exist' in told
        told = machine.fails("runuser -u fleet -- psql -U fleet_owner fleet -c 'SELECT 1'")
        assert "Peer authentication failed" in told

    def test_read_the_owners_password(self, machine: Machine) -> None:
        machine.fails("runuser -u fleet -- cat /etc/fleet/migrate.env")
        machine.fails("runuser -u fleet -- cat /etc/fleet/tls/privkey.pem")
        machine.fails("runuser -u nobody -- cat /etc/fleet/fleet.env")
        assert "Only root" in machine.fails("runuser -u nobody -- /usr/local/sbin/fleet audit_ledger")

    def test_change_its_code(self, machine: Machine) -> None:
        machine.fails("runuser -u fleet -- touch /srv/fleet/manage.py")
        assert machine.run("find /srv/fleet -user fleet -o -perm -o+w -not -type l") == ""

    def test_leave_files_that_others_read(self, machine: Machine) -> None:
        assert machine.run("find /var/lib/fleet -not -user fleet -o -perm /077") == ""


def test_nginx_alone_is_reached_from_outside(machine: Machine) -> None:
    told = machine.run("ss --listening --tcp --numeric --no-header | awk '{print $4}'")
    outside = {line for line in told.split() if not line.startswith(("127.", "[::1]"))}

    assert outside == {"0.0.0.0:80", "0.0.0.0:443", "[::]:80", "[::]:443"}


class TestNginx:
    def test_plain_http_is_sent_to_tls(self, machine: Machine) -> None:
        told = machine.run(f"curl --silent --output /dev/null --write-out '%{{redirect_url}}' http://{NAME}/admin/")

        assert told == f"https://{NAME}/admin/"

    def test_old_tls_is_not_spoken(self, machine: Machine) -> None:
        told = machine.fails(
            f"openssl s_client -connect {NAME}:443 -servername {NAME} -tls1_1 -cipher DEFAULT@SECLEVEL=0 </dev/null"
        )

        assert "alert protocol version" in told

    def test_another_name_gets_no_answer(self, machine: Machine) -> None:
        machine.fails("curl --silent --insecure https://localhost/healthz")
        machine.fails("curl --silent http://localhost/healthz")

    def test_what_lets_encrypt_asks_for_is_answered(self, machine: Machine) -> None:
        machine.run("mkdir -p /var/www/letsencrypt/.well-known/acme-challenge")
        machine.run("echo proof > /var/www/letsencrypt/.well-known/acme-challenge/one")

        assert machine.run(f"curl --silent --fail http://{NAME}/.well-known/acme-challenge/one") == "proof\n"

    @pytest.mark.parametrize(("megabytes", "who"), [(2, "Cookie: a=b"), (201, "Cookie: a=b"), (2, "Accept: */*")])
    def test_who_sends_too_much_reads_the_products_own_words(self, machine: Machine, megabytes: int, who: str) -> None:
        told = machine.run(
            f"head --bytes={megabytes}M /dev/zero | {_CURL} -H '{who}' -H 'Content-Type: text/plain' "
            f"--data-binary @- https://{NAME}/api/ledger/interim-payment"
        )

        assert ("body_too_large" in told) == (megabytes == 201 or who.startswith("Accept"))


def test_the_books_are_well_by_their_own_word(machine: Machine) -> None:
    machine.run("fleet audit_ledger && fleet verify_ledger")


def test_nothing_was_said_that_is_an_error(machine: Machine) -> None:
    told = machine.run("journalctl --no-pager --output=cat --unit='fleet-*'")

    assert [line for line in told.splitlines() if "Traceback" in line or " ERROR " in line or "seccomp" in line] == []


def test_each_ends_in_peace_when_it_is_stopped(machine: Machine) -> None:
    machine.run(f"systemctl stop {' '.join(_PROCESSES)}")
    told = machine.run(f"systemctl show --property=Result,ExecMainCode {' '.join(_PROCESSES)}")
    machine.run(f"systemctl start {' '.join(_PROCESSES)}")

    assert "timeout" not in told, told
    assert "signal" not in told, told


def test_it_comes_back_after_its_database_was_away(machine: Machine) -> None:
    machine.run("systemctl stop postgresql; systemctl kill --signal=SIGKILL fleet-beat fleet-worker fleet-web; sleep 8")
    machine.run("systemctl start postgresql")

    assert _health(machine)["database"] == "ok"
    machine.run(f"systemctl is-active {' '.join(_PROCESSES)}")


def test_it_comes_back_after_a_restart_of_the_machine(machine: Machine) -> None:
    machine.reboot()

    assert {_health(machine)[part] for part in ("database", "redis", "worker")} == {"ok"}
    machine.run(f"systemctl is-active {' '.join(_PROCESSES)}")
    paid = "from ledger.models import InterimPayment; print(*InterimPayment.objects.values_list('amount', flat=True))"
    assert "75.50" in machine.run(f'fleet shell -v0 -c "{paid}"')


def _health(machine: Machine) -> dict[str, str]:
    told = machine.run(
        f"{_CURL} --fail --retry 60 --retry-all-errors --retry-delay 1 https://{NAME}/healthz 2>/dev/null"
    )
    answer: dict[str, str] = json.loads(told)
    return answer
