"""Every write of core: who may come in and call, what they were answered, what the audits found, which views and acts
are kept, and what programs outside are told.
"""

from core.services.access import purge_access, record_access, unlock_sign_in
from core.services.answers import Answer, answer_once, fingerprint_of, purge_stored_answers
from core.services.audits import purge_audits, run_audits
from core.services.authenticators import (
    remove_own_authenticator,
    renew_recovery_codes,
    reset_authenticator,
    set_up_authenticator,
    take_code,
)
from core.services.deliveries import deliver_events, list_webhooks_with_work, purge_deliveries, write_event
from core.services.events import number_events
from core.services.list_acts import (
    ChosenRow,
    begin_list_act,
    confirm_list_act,
    do_rows,
    leave_list_act,
    look_again,
    look_at_rows,
)
from core.services.passwords import choose_password_by_link, has_first_password, replace_first_password
from core.services.people import (
    GivenPassword,
    Source,
    add_person,
    change_person,
    give_first_password,
    list_roles_to_give,
    lock_person,
    may_change_person,
    may_lock_person,
    unlock_person,
)
from core.services.tokens import (
    NewToken,
    create_api_token,
    find_token,
    get_unrevoked_token,
    may_revoke,
    record_use,
    revoke_api_token,
)
from core.services.views import forget_view, save_view
from core.services.webhooks import (
    NewSecret,
    add_webhook,
    change_webhook,
    delete_webhook,
    pause_webhook,
    renew_webhook_secret,
    resume_webhook,
    send_again,
)

__all__ = [
    "Answer",
    "ChosenRow",
    "GivenPassword",
    "NewSecret",
    "NewToken",
    "Source",
    "add_person",
    "add_webhook",
    "answer_once",
    "begin_list_act",
    "change_person",
    "change_webhook",
    "choose_password_by_link",
    "confirm_list_act",
    "create_api_token",
    "delete_webhook",
    "deliver_events",
    "do_rows",
    "find_token",
    "fingerprint_of",
    "forget_view",
    "get_unrevoked_token",
    "give_first_password",
    "has_first_password",
    "leave_list_act",
    "list_roles_to_give",
    "list_webhooks_with_work",
    "lock_person",
    "look_again",
    "look_at_rows",
    "may_change_person",
    "may_lock_person",
    "may_revoke",
    "number_events",
    "pause_webhook",
    "purge_access",
    "purge_audits",
    "purge_deliveries",
    "purge_stored_answers",
    "record_access",
    "record_use",
    "remove_own_authenticator",
    "renew_recovery_codes",
    "renew_webhook_secret",
    "replace_first_password",
    "reset_authenticator",
    "resume_webhook",
    "revoke_api_token",
    "run_audits",
    "save_view",
    "send_again",
    "set_up_authenticator",
    "take_code",
    "unlock_person",
    "unlock_sign_in",
    "write_event",
]
