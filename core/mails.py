"""What is mailed to people of the office; every mail is plain text, and none of them is ever logged."""

import logging
from collections.abc import Iterator, Sequence
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from core.models import AccessEntry
from core.services import GivenPassword, record_access

logger = logging.getLogger(__name__)


class MailNotSet(OSError):
    """Nothing can be mailed: there is no EMAIL_URL."""


class NotSet(BaseEmailBackend):
    """Stands where no server was named: a mail that goes nowhere is not taken for sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage | EmailMultiAlternatives]) -> int:
        raise MailNotSet("EMAIL_URL is not set.")


def send_first_password(given: GivenPassword, *, sign_in: str) -> bool:
    """Mail somebody the password that they were given and where they sign in; return whether it went out.

    False too where mail is not set, or they have no address: then the page shows it.
    """
    user = given.user
    if not (settings.MAIL_IS_SET and user.email):
        return False
    text = render_to_string("core/mails/first_password.txt", {"given": given, "user": user, "sign_in": sign_in})
    subject = f"{settings.EMAIL_SUBJECT_PREFIX}Your sign-in"
    try:
        send_mail(subject, text, None, [user.email])
    except (SMTPException, OSError) as error:
        logger.warning("The first password of %s was not mailed: %s", user.get_username(), type(error).__name__)
        return False
    return True


class _Links(PasswordResetForm):
    """Django's own, for those who can sign in here."""

    def get_users(self, email: str) -> Iterator[User]:
        for user in super().get_users(email):
            if isinstance(user, User) and user.is_staff:
                yield user


def send_password_links(email: str, *, host: str, is_secure: bool, address: str) -> int:
    """Mail a link to choose a new password to everybody who has that address; return to how many.

    ``host`` is where the link leads, ``address`` whence it was asked for, which the log tells.
    """
    form = _Links({"email": email})
    if not form.is_valid():
        return 0
    form.save(
        domain_override=host,
        use_https=is_secure,
        subject_template_name="core/mails/password_link_subject.txt",
        email_template_name="core/mails/password_link.txt",
    )
    users = list(form.get_users(email))
    for user in users:
        record_access(kind=AccessEntry.Kind.LINK, user=user, address=address)
    return len(users)
