"""What the API answers about tickets: each kind of record."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ledger.api.fields import AmountField, FigureField
from tickets import selectors
from tickets.models import ChargeType, ImportRow, MiscCharge, Ticket, TicketChange, TicketImport


class InLedgerSerializer(serializers.Serializer[Any]):
    """How the ledger has it: its balance, the last one where it was charged again."""

    posting_id = serializers.IntegerField()
    status = serializers.CharField()
    original_amount = AmountField()
    remaining = AmountField()


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A violation, a summons or a toll. Below zero it is a refund. Its moment lies between `at` and `at_latest`."""

    amount = FigureField()
    uncharged = AmountField(help_text="Of a refund: what of its toll nobody had paid, and is owed no more.")
    told_total = FigureField(help_text="What its document last told, before payments.")
    told_paid = FigureField()
    received_in_id = serializers.IntegerField(source="file_id", allow_null=True, help_text="The file it came in.")
    reference_id = serializers.CharField(help_text="Under which the ledger knows it.")

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = (
            "id",
            "reference_id",
            "kind",
            "number",
            "state",
            "waits_for",
            "at",
            "at_latest",
            "amount",
            "due_on",
            "tag",
            "plate",
            "plate_state",
            "medallion",
            "license",
            "place",
            "violation",
            "driver_id",
            "lease_id",
            "vehicle_id",
            "trip_id",
            "refund_of_id",
            "uncharged",
            "told_total",
            "told_paid",
            "decided_at",
            "decided_reason",
            "received_in_id",
            "row",
        )


class CandidateSerializer(serializers.Serializer[selectors.Candidate]):
    """Who may have had the cab, whoever's trip was nearest first."""

    driver_id = serializers.IntegerField()
    driver = serializers.CharField()
    lease_id = serializers.IntegerField(source="lease.pk", default=None, allow_null=True)
    days = serializers.CharField(help_text="Of the lease.")
    trip = serializers.CharField(help_text="Their nearest trip with the cab, in words; blank where none is near.")
    minutes = serializers.IntegerField(allow_null=True, help_text="Between the moment and that trip.")


class ChangeActSerializer(serializers.Serializer[selectors.ChangeAct]):
    """What may be done about a change, and what the ticket amounts to then; null: as before."""

    act = serializers.CharField()
    amount = AmountField(allow_null=True)


class TicketChangeSerializer(serializers.ModelSerializer[TicketChange]):
    """What a document tells otherwise than before."""

    before_total = FigureField()
    before_paid = FigureField()
    now_total = FigureField()
    now_paid = FigureField()
    received_in_id = serializers.IntegerField(source="file_id", help_text="The file that told it.")

    class Meta:
        model = TicketChange
        fields = (
            "id",
            "ticket_id",
            "kind",
            "before_total",
            "before_paid",
            "now_total",
            "now_paid",
            "status",
            "received_in_id",
            "row",
            "found_at",
            "act",
            "reason",
            "decided_at",
            "decided_by_id",
        )


class OneTicketSerializer(TicketSerializer):
    """A ticket, how the ledger has it, who may have had the cab while it waits, and what was told otherwise of it."""

    answer_by = serializers.SerializerMethodField(help_text="The last day on which to answer it.")
    in_ledger = serializers.SerializerMethodField()
    candidates = serializers.SerializerMethodField(help_text="While it waits.")
    changes = serializers.SerializerMethodField(help_text="What documents told otherwise, the latest on top.")
    change_acts = serializers.SerializerMethodField(help_text="What may be done about the newest of them.")

    class Meta(TicketSerializer.Meta):
        fields: tuple[str, ...] = (
            *TicketSerializer.Meta.fields,
            "answer_by",
            "in_ledger",
            "candidates",
            "changes",
            "change_acts",
        )

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_answer_by(self, ticket: Ticket) -> Any:
        return selectors.find_answer_day(ticket)

    @extend_schema_field(InLedgerSerializer(allow_null=True))
    def get_in_ledger(self, ticket: Ticket) -> Any:
        return tell_balance(ticket)

    @extend_schema_field(CandidateSerializer(many=True))
    def get_candidates(self, ticket: Ticket) -> Any:
        waits = ticket.state == Ticket.State.WAITING
        found: Any = selectors.list_candidates(ticket) if waits else []
        return CandidateSerializer(found, many=True).data

    @extend_schema_field(TicketChangeSerializer(many=True))
    def get_changes(self, ticket: Ticket) -> Any:
        return TicketChangeSerializer(selectors.list_changes_of(ticket)[:100], many=True).data

    @extend_schema_field(ChangeActSerializer(many=True))
    def get_change_acts(self, ticket: Ticket) -> Any:
        newest = selectors.list_changes_of(ticket).first()
        found: Any = selectors.list_change_acts(newest) if newest else []
        return ChangeActSerializer(found, many=True).data


class RematchedSerializer(serializers.Serializer[Any]):
    found = serializers.IntegerField(help_text="Tickets that found their driver.")


class ChargeTypeSerializer(serializers.ModelSerializer[ChargeType]):
    """What a miscellaneous charge may be for. One that is `added_to` a kind of ticket is a fee, not made by hand."""

    default_amount = AmountField(allow_null=True)

    class Meta:
        model = ChargeType
        fields = ("id", "name", "default_amount", "added_to", "is_active", "citation")


class MiscChargeSerializer(serializers.ModelSerializer[MiscCharge]):
    """A miscellaneous charge, as it was made. One that was voided says why in `void_reason`."""

    reference_id = serializers.CharField(help_text="Under which the ledger knows it, as MISC-88.")
    amount = AmountField()

    class Meta:
        model = MiscCharge
        fields: tuple[str, ...] = (
            "id",
            "reference_id",
            "charge_type_id",
            "driver_id",
            "lease_id",
            "vehicle_id",
            "amount",
            "charged_on",
            "due_on",
            "note",
            "paper_number",
            "ticket_id",
            "void_reason",
        )


class OneMiscChargeSerializer(MiscChargeSerializer):
    """A miscellaneous charge, and how the ledger has it."""

    in_ledger = serializers.SerializerMethodField()

    class Meta(MiscChargeSerializer.Meta):
        fields: tuple[str, ...] = (*MiscChargeSerializer.Meta.fields, "in_ledger")

    @extend_schema_field(InLedgerSerializer(allow_null=True))
    def get_in_ledger(self, charge: MiscCharge) -> Any:
        return tell_balance(charge)


class TicketImportSerializer(serializers.ModelSerializer[TicketImport]):
    """A file of tickets: how far it is, and the counts of its rows. While RECEIVED or IMPORTING, ask again."""

    class Meta:
        model = TicketImport
        fields: tuple[str, ...] = (
            "id",
            "file_name",
            "kind",
            "sha256",
            "state",
            "extra_field_after",
            "refusal",
            "refusal_code",
            "row_count",
            "new_count",
            "unmatched_count",
            "known_count",
            "changed_count",
            "nobodys_count",
            "error_count",
            "imported_count",
            "charged_count",
            "waiting_count",
            "staged_at",
            "staged_by_id",
            "confirmed_at",
            "confirmed_by_id",
            "charged_on",
        )


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    """A row: what was read, or in which `column` it could not be and why. `waits_for`: why it would wait for review."""

    amount = FigureField()
    received = serializers.DictField(child=serializers.CharField(), help_text="Every cell as it came.")

    class Meta:
        model = ImportRow
        fields = (
            "row",
            "state",
            "column",
            "message",
            "number",
            "at",
            "amount",
            "tag",
            "plate",
            "plate_state",
            "medallion",
            "license",
            "place",
            "violation",
            "due_on",
            "waits_for",
            "change",
            "received",
        )


class OneImportSerializer(TicketImportSerializer):
    """A file, with its first rows that could not be read."""

    errors: Any = serializers.SerializerMethodField(help_text="The first 50; all of them are among its rows.")

    class Meta(TicketImportSerializer.Meta):
        fields: tuple[str, ...] = (*TicketImportSerializer.Meta.fields, "errors")

    @extend_schema_field(ImportRowSerializer(many=True))
    def get_errors(self, file: TicketImport) -> Any:
        rows: Any = selectors.list_import_rows(file.pk, states=[ImportRow.State.ERROR])[:50] if file.error_count else []
        return ImportRowSerializer(rows, many=True).data


def tell_balance(record: Ticket | MiscCharge) -> dict[str, Any] | None:
    """Return the ledger's last word about a record, or nothing where it never had it."""
    balance = selectors.list_ledger_states([record]).get(record.reference_id)
    return None if balance is None else dict(InLedgerSerializer(balance).data)
