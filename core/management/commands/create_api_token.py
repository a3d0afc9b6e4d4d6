"""`manage.py create_api_token USERNAME NAME --scope SCOPE [--days N]`: print a new API token, this once."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.models import ApiToken
from core.services.tokens import MAX_DAYS, create_api_token


class Command(BaseCommand):
    help = "Make an API token with which a program acts as USERNAME, and print it; it can't be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name", help="what it is for, as in: payroll-export")
        parser.add_argument(
            "--scope",
            required=True,
            type=str.upper,
            choices=ApiToken.Scope.values,
            help="which of the user's rights it may use",
        )
        parser.add_argument("--days", type=int, help="how long it is good; without it, until it is revoked")

    def handle(self, *args: Any, username: str, name: str, scope: str, days: int | None, **options: Any) -> None:
        if days is not None and not 0 < days <= MAX_DAYS:
            raise CommandError(f"--days is a number from 1 to {MAX_DAYS}.")
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"No active user {username!r}.")
        now = timezone.now()
        expires_at = now + timedelta(days=days) if days else None
        try:
            token = create_api_token(user=user, name=name, scope=scope, now=now, expires_at=expires_at)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        # The token alone goes to standard output, so that a script can catch it.
        self.stdout.write(token.secret)
        self.stderr.write("Keep it now: only its digest is stored.")
