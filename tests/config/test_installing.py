"""docs/install.md and deploy/ hold together. Whether they install the product is tried by tests/install."""

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.core.management import get_commands

from config import bodies
from config.backups import make_key
from tests.config.test_docs import list_variables
from tests.install.document import INSTALL, as_script, list_blocks, list_commands

PROJECT = Path(__file__).resolve().parents[2]
BACKUP = (PROJECT / "docs" / "backup.md").read_text()
DEPLOY = PROJECT / "deploy"
PROCESSES = ("web", "worker", "beat")
TEXT = INSTALL.read_text()
BLOCKS = list(list_blocks(TEXT))
COMMANDS = "".join(block.commands for block in BLOCKS)


class Unit(dict[str, list[str]]):
    """The settings of a unit's section [Service]: each may stand there several times."""

    def __init__(self, name: str) -> None:
        super().__init__()
        text = (DEPLOY / f"fleet-{name}.service").read_text().replace("\\\n", " ")
        service = text[text.index("[Service]") : text.index("[Install]")]
        for setting, value in re.findall(r"^(\w+)=(.*)$", service, re.MULTILINE):
            self.setdefault(setting, []).append(value)

    def one(self, setting: str) -> str:
        (value,) = self[setting]
        return value


def arguments_of(command: str) -> list[str]:
    """What is run, without how much it prints and what environment it is given."""
    words = [
        word for word in shlex.split(command) if not re.match(r"--(log-?level|quiet|no-access-log)|[A-Z_]+=", word)
    ]
    return words[words.index("-m") + 1 :]


def nginx_values(name: str) -> list[str]:
    return re.findall(rf"^\s*{name}\s+(.+);$", (DEPLOY / "nginx.conf").read_text(), re.MULTILINE)


class TestTheDocument:
    def test_its_commands_are_a_shells(self) -> None:
        done = subprocess.run(["bash", "-n"], input=as_script(BLOCKS), capture_output=True, text=True, check=False)

        assert (done.returncode, done.stderr) == (0, "")

    def test_what_fetches_something_comes_first(self) -> None:
        fetches = [block.fetches for block in list_commands()[1:]]

        assert fetches == sorted(fetches, reverse=True)
        assert any(fetches)

    def test_only_what_needs_a_real_server_is_left_out(self) -> None:
        assert {block.only_for for block in BLOCKS} == {None, "certbot", "firewall"}

    def test_every_file_that_it_installs_is_there(self) -> None:
        named = set(re.findall(r"\bdeploy/[\w.*-]+", COMMANDS))

        assert {"deploy/fleet.env", "deploy/nginx.conf"} < named
        assert [pattern for pattern in named if not list(PROJECT.glob(pattern))] == []

    def test_every_command_of_the_product_is_there(self) -> None:
        asked = re.findall(r"^fleet (\w+)", COMMANDS, re.MULTILINE)

        assert asked[0] == "migrate"
        assert set(asked) <= set(get_commands())

    def test_it_tells_of_every_file_of_deploy(self) -> None:
        documents = "".join(document.read_text() for document in (PROJECT / "docs").glob("*.md"))
        told = {file for pattern in re.findall(r"\bdeploy/[\w.*-]+\w", documents) for file in PROJECT.glob(pattern)}

        assert sorted(file.name for file in set(DEPLOY.iterdir()) - told) == []

    def test_no_role_is_called_as_the_system_user(self) -> None:
        """PostgreSQL would let the product in as that role, by its name and without a password."""
        roles = re.findall(r"CREATE ROLE (\w+)", COMMANDS)
        urls = "".join((DEPLOY / name).read_text() for name in ("fleet.env", "migrate.env"))

        assert set(roles) == set(re.findall(r"postgresql://(\w+):", urls)) == {"fleet_owner", "fleet_app"}
        assert Unit("web").one("User") not in roles


class TestRestoring:
    """What docs/backup.md has root run on a server that docs/install.md made."""

    #: The new database's, and the restore itself.
    MAKES, RESTORES = (
        textwrap.dedent(commands)
        for commands in re.findall(r"^ {3}```sh\n(.*?)^ {3}```$", BACKUP, re.MULTILINE | re.DOTALL)
    )

    def test_the_new_database_is_made_as_the_first_one(self) -> None:
        made = [line for line in COMMANDS.splitlines() if re.search(r"psql|\bDATABASE\b|^SQL$", line)]

        assert len(made) == 5
        assert self.MAKES.splitlines() == [line.replace("DATABASE fleet", "DATABASE fleet_restored") for line in made]

    def test_it_names_no_role_but_the_two(self) -> None:
        named = re.findall(r"postgresql://(\w+)|\b(?:OWNER|TO) (\w+)|\b(fleet_(?:owner|app))\b", BACKUP)

        assert {role for found in named for role in found if role} == {"fleet_owner", "fleet_app"}

    @pytest.mark.parametrize("options", ["", "?sslmode=verify-full&sslrootcert=/etc/fleet"])
    def test_it_restores_with_the_variables_of_the_installation(self, tmp_path: Path, options: str) -> None:
        """Up to the backup, which is not there: the program has begun, and read its key."""
        for name in ("fleet.env", "migrate.env"):
            told = (DEPLOY / name).read_text()
            (tmp_path / name).write_text(re.sub(r"^(\w*DATABASE_URL)=(.*)$", rf"\1='\2{options}'", told, flags=re.M))
        here = self.RESTORES.replace("/etc/fleet", str(tmp_path)).replace("cd /srv/fleet", f"cd {PROJECT}")
        here = here.replace("/var/", f"{tmp_path}/").replace("/root/", f"{tmp_path}/")
        here = here.replace(".venv/bin/python", f'echo "$DATABASE_URL $MIGRATE_DATABASE_URL"\n{sys.executable}')
        make_key(tmp_path / "fleet-backup.key")
        done = subprocess.run(["sh", "-c", here], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)

        assert done.stdout.split() == [
            f"postgresql://{role}:CHANGE-ME@localhost/fleet_restored{options}" for role in ("fleet_app", "fleet_owner")
        ]
        assert done.stderr.splitlines()[-1] == (
            f"CommandError: {tmp_path}/backups/fleet/fleet-….tar.age can't be read: No such file or directory."
        )


class TestVariables:
    @pytest.mark.parametrize("name", ["fleet.env", "migrate.env"])
    def test_the_product_reads_each(self, name: str) -> None:
        given = set(re.findall(r"^#?([A-Z_]+)=", (DEPLOY / name).read_text(), re.MULTILINE))

        assert given
        assert given <= {
            name for file in ("settings", "mail") for name in list_variables(PROJECT / "config" / f"{file}.py")
        }

    def test_the_commands_of_the_document_fill_in_all(self, tmp_path: Path) -> None:
        (block,) = (block for block in BLOCKS if block.section == "4. The variables")
        here = block.commands.replace("/etc/fleet", str(tmp_path)).replace("--group=fleet ", "")
        given = "NAME=till.example.org OWNER_PASSWORD=owners_-1 APP_PASSWORD=apps_-2\n"
        told = f'. {tmp_path}/fleet.env; . {tmp_path}/migrate.env; echo "$DATABASE_URL $MIGRATE_DATABASE_URL"'
        script = f"set -eu\n{given}{here}{told}; echo $ALLOWED_HOSTS $FLEET_NAME"
        done = subprocess.run(["sh", "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)

        assert done.stdout.splitlines() == [
            "postgresql://fleet_app:apps_-2@localhost/fleet postgresql://fleet_owner:owners_-1@localhost/fleet",
            "till.example.org Our fleet",
        ]
        written = "".join(file.read_text() for file in tmp_path.iterdir())
        assert "CHANGE-ME" not in written
        assert "example.com" not in written
        assert [file.name for file in tmp_path.iterdir() if file.stat().st_mode & 0o007] == []


class TestUnits:
    @pytest.mark.parametrize("name", PROCESSES)
    def test_it_runs_what_is_there(self, name: str) -> None:
        program, *arguments = arguments_of(Unit(name).one("ExecStart"))
        importlib.import_module(program)
        application = next(
            word.removeprefix("--app=") for word in arguments if word.lstrip("-").startswith(("app=", "config."))
        )
        module, _, attribute = application.partition(":")

        assert hasattr(importlib.import_module(module), attribute or "app")

    def test_the_procfile_runs_the_same(self) -> None:
        lines = dict(line.split(": ", 1) for line in (DEPLOY / "Procfile").read_text().splitlines())

        assert {name: arguments_of(line) for name, line in lines.items()} == {
            name: arguments_of(Unit(name).one("ExecStart")) for name in PROCESSES
        }

    def test_all_have_the_same_walls_and_are_started_again(self) -> None:
        own = {"ExecStart", "Environment", "TimeoutStopSec"}
        web, *others = ({key: told for key, told in Unit(name).items() if key not in own} for name in PROCESSES)

        assert others == [web, web]
        assert (web["Restart"], web["KillMode"], web["NoNewPrivileges"]) == (["always"], ["mixed"], ["true"])
        for name in PROCESSES:
            assert "StartLimitIntervalSec=0" in (DEPLOY / f"fleet-{name}.service").read_text()

    def test_celery_has_no_pool(self) -> None:
        assert {name: Unit(name).get("Environment") for name in PROCESSES} == {
            "web": None,
            "worker": ["DATABASE_POOL=off"],
            "beat": ["DATABASE_POOL=off"],
        }

    def test_their_places_are_those_of_the_document(self) -> None:
        unit = Unit("web")
        made = {unit.one(key) for key in ("WorkingDirectory", "EnvironmentFile", "ReadWritePaths")}
        data = re.search(r"^DATA_DIR=(.+)$", (DEPLOY / "fleet.env").read_text(), re.MULTILINE)

        assert data is not None
        assert unit.one("ReadWritePaths") == data[1]
        assert [place for place in made if place not in COMMANDS] == []
        assert unit.one("ExecStart").startswith(f"{unit.one('WorkingDirectory')}/.venv/bin/python ")


def test_the_shortcut_is_a_shells_and_roots_alone() -> None:
    assert subprocess.run(["sh", "-n", DEPLOY / "fleet"], check=False).returncode == 0
    assert (DEPLOY / "fleet").stat().st_mode & 0o111 == 0o111
    text = (DEPLOY / "fleet").read_text()
    for place in (Unit("web").one("EnvironmentFile"), f"cd {Unit('web').one('WorkingDirectory')}\n"):
        assert place in text


class TestNginx:
    def test_it_lets_a_little_more_through_than_the_product(self) -> None:
        (limit,) = nginx_values("client_max_body_size")
        most = int(limit.removesuffix("m")) * 2**20

        assert bodies.MOST_BYTES < most < bodies.MOST_BYTES + 6 * 2**20
        assert f"The longest body** is {limit.removesuffix('m')} MB" in TEXT

    def test_it_asks_where_the_web_process_listens(self) -> None:
        words = shlex.split(Unit("web").one("ExecStart"))
        host, port = (words[words.index(word) + 1] for word in ("--host", "--port"))

        assert nginx_values("proxy_pass") == [f"http://{host}:{port}"]

    def test_it_says_who_asks(self) -> None:
        assert nginx_values("proxy_set_header") == [
            "Host $host",
            "X-Forwarded-Proto $scheme",
            "X-Forwarded-For $proxy_add_x_forwarded_for",
        ]
        assert nginx_values("proxy_read_timeout")[0].removesuffix("s") + " seconds for an answer" in TEXT

    @pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")
    def test_nginx_itself_takes_it(self, tmp_path: Path) -> None:
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=ledger.example.com"]
        files = ["-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")]
        subprocess.run([*make, *files], capture_output=True, check=True)
        site = (DEPLOY / "nginx.conf").read_text().replace("/etc/fleet/tls", str(tmp_path))
        # It binds to try: ports of its own, which nobody needs root for, and of one kind of address.
        site = re.sub(r"listen \[::\].*", "", site).replace("listen 80", "listen 127.0.0.1:18080")
        (tmp_path / "site.conf").write_text(site.replace("listen 443", "listen 127.0.0.1:18443"))
        (tmp_path / "nginx.conf").write_text(
            f"pid {tmp_path}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; include site.conf; }}\n"
        )
        done = subprocess.run(
            ["nginx", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stderr
        assert "[warn]" not in done.stderr.replace('[warn] the "user" directive', "")
