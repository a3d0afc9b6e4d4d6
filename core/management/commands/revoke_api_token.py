"""`manage.py revoke_api_token USERNAME NAME`: end an API token."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.services.tokens import get_unrevoked_token, revoke_api_token


class Command(BaseCommand):
    help = "End USERNAME's API token NAME, from the next request on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name")

    def handle(self, *args: Any, username: str, name: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"No user {username!r}.")
        try:
            token = get_unrevoked_token(user=user, name=name)
            revoke_api_token(token_id=token.pk, now=timezone.now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Revoked {username}'s token {name}.")
