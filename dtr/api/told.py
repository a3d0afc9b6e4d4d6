"""What the API answers about weeks and DTRs."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.problems import problem_of
from core.api.schema import ProblemSerializer
from dtr import exports, selectors, services
from dtr.models import Check, Dtr, DtrLine, Overrule, WeekClose
from ledger.api.fields import AmountField, FigureField


class WeekSerializer(serializers.ModelSerializer[WeekClose]):
    """The close of a week, and how many of its batches are done."""

    seal_head = serializers.CharField(help_text="The head of the ledger's seals when the close began.")
    batch_count = serializers.IntegerField()
    done_count = serializers.IntegerField()

    class Meta:
        model = WeekClose
        fields: tuple[str, ...] = (
            "week_end",
            "state",
            "started_at",
            "started_by_id",
            "finished_at",
            "seal_head",
            "batch_count",
            "done_count",
        )


class WeekSumsSerializer(serializers.Serializer[selectors.WeekSums]):
    """What the DTRs of a week come to together."""

    dtrs = serializers.IntegerField()
    card_total = FigureField()
    cash_total = FigureField()
    taxes_total = FigureField()


class OverruleSerializer(serializers.ModelSerializer[Overrule]):
    """A finding that a week was let close in spite of."""

    check = serializers.CharField(source="check_name")

    class Meta:
        model = Overrule
        fields = ("id", "week_end", "check", "finding", "reason", "overruled_by_id", "overruled_at")


class OverruledSerializer(serializers.Serializer[Any]):
    """What no longer stands in the way."""

    overruled = OverruleSerializer(many=True)


class OneWeekSerializer(WeekSerializer):
    """The close of a week, what its DTRs come to, and what was overruled before it."""

    sums = serializers.SerializerMethodField()
    overruled = serializers.SerializerMethodField()

    class Meta(WeekSerializer.Meta):
        fields: tuple[str, ...] = (*WeekSerializer.Meta.fields, "sums", "overruled")

    @extend_schema_field(WeekSumsSerializer)
    def get_sums(self, close: WeekClose) -> Any:
        return WeekSumsSerializer(selectors.sum_week(close.week)).data

    @extend_schema_field(OverruleSerializer(many=True))
    def get_overruled(self, close: WeekClose) -> Any:
        found: Any = selectors.list_overrules(close.week)
        return OverruleSerializer(found, many=True).data


class NextWeekSerializer(serializers.Serializer[Any]):
    """The week whose turn it is: the open one, or the one after the last closed."""

    week_end = serializers.DateField()
    is_over = serializers.BooleanField(help_text="Its Saturday is past.")
    is_begun = serializers.BooleanField()


class ReadinessFindingSerializer(serializers.Serializer[selectors.Finding]):
    sentence = serializers.CharField()
    blocks = serializers.BooleanField(source="stands", help_text="Whether it stops the close now.")
    overruled_because = serializers.CharField(source="overrule.reason", default=None, allow_null=True)


class ReadinessCheckSerializer(serializers.Serializer[selectors.CheckState]):
    """One check: how it stands, and what it found."""

    check = serializers.ChoiceField(Check.choices)
    name = serializers.CharField(source="check.label")
    state = serializers.ChoiceField([(state.name, state.value) for state in selectors.State], source="state.name")
    blocks = serializers.SerializerMethodField(help_text="Whether it stops the close now.")
    may_be_overruled = serializers.BooleanField()
    note = serializers.CharField()
    findings = ReadinessFindingSerializer(many=True)

    def get_blocks(self, state: selectors.CheckState) -> bool:
        return bool(state.blocking)


class ReadinessDaySerializer(serializers.Serializer[selectors.DayCount]):
    """The card trips of a day; `usual` is the mean of its weekday in the weeks before."""

    day = serializers.DateField()
    trips = serializers.IntegerField()
    usual = serializers.FloatField(allow_null=True)
    is_expected = serializers.BooleanField()
    is_over = serializers.BooleanField()


class ReadinessSerializer(serializers.Serializer[selectors.Readiness]):
    """Whether a week can be closed, check by check."""

    week_end = serializers.DateField(source="week.end")
    is_ready = serializers.SerializerMethodField(help_text="Nothing stops the close.")
    checks = ReadinessCheckSerializer(many=True)
    days = ReadinessDaySerializer(many=True)

    def get_is_ready(self, readiness: selectors.Readiness) -> bool:
        return not readiness.blocking


class CloseFiguresSerializer(serializers.Serializer[services.Figures]):
    """What the close would make of it.

    Brought forward + charged − paid − applied + changed = still owed; held less what is owed and due is to pay, or
    short.
    """

    card_total = FigureField()
    taxes_total = FigureField()
    brought_forward = FigureField()
    charged = FigureField()
    paid = FigureField()
    applied = FigureField()
    changed = FigureField()
    still_owed = FigureField()
    owed_due = FigureField()
    held = FigureField()
    to_pay = FigureField()
    short = FigureField()
    net_due = FigureField()


class DriverPreviewSerializer(CloseFiguresSerializer):
    """What the close would make of one driver's week, over all their leases."""

    driver_id = serializers.IntegerField()
    name = serializers.CharField()


class WeekPreviewSerializer(serializers.Serializer[services.WeekPreview]):
    """What the close would do to one batch of drivers: `number` of `batches`."""

    week_end = serializers.DateField(source="week.end")
    number = serializers.IntegerField()
    batches = serializers.IntegerField()
    drivers = DriverPreviewSerializer(many=True)
    total = CloseFiguresSerializer()


class CloseStepSerializer(serializers.Serializer[selectors.CloseProgress]):
    """How far a step is, in drivers."""

    step = serializers.CharField(source="step.name")
    name = serializers.CharField(source="step.label")
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class FailedBatchSerializer(serializers.Serializer[selectors.FailedBatch]):
    """A batch that was given up, and why."""

    step = serializers.IntegerField(source="batch.step")
    number = serializers.IntegerField(source="batch.number")
    attempts = serializers.IntegerField(source="batch.attempts")
    failed_at = serializers.DateTimeField(source="batch.failed_at")
    failure = serializers.CharField(source="batch.failure")
    driver_ids = serializers.ListField(child=serializers.IntegerField(), source="batch.driver_ids")


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a close is, in drivers times steps. Ask again until it is CLOSED, or `is_stuck`."""

    week_end = serializers.DateField()
    state = serializers.ChoiceField(WeekClose.State.choices)
    steps = CloseStepSerializer(many=True, source="status.steps")
    done = serializers.IntegerField(source="status.done")
    total = serializers.IntegerField(source="status.total")
    percent = serializers.IntegerField(source="status.percent")
    seconds_left = serializers.IntegerField(source="status.seconds_left", allow_null=True)
    waiting = serializers.IntegerField(source="status.waiting", help_text="Batches of the step under way.")
    failed = FailedBatchSerializer(many=True, source="status.failed")
    is_stuck = serializers.BooleanField(
        source="status.is_stuck", help_text="Nothing goes on before what failed is tried again."
    )


class RetriedSerializer(serializers.Serializer[Any]):
    batches = serializers.IntegerField(help_text="Batches that are tried again.")


class DtrSerializer(serializers.ModelSerializer[Dtr]):
    """A sealed DTR. What is due to the driver is above zero; below, it is due from them."""

    reference_id = serializers.CharField(help_text="As in DTR-000123.")
    week_end = serializers.DateField(source="week_id")
    net_due = FigureField(help_text="Held less owed and due by the week's Saturday.")
    payable = FigureField(help_text="That, less what fell due by the day of the seal.")
    held = FigureField()
    deposits = FigureField()
    owed_due = FigureField()
    owed_since = FigureField()
    owed_later = FigureField()
    card_total = FigureField()
    cash_total = FigureField()
    other_total = FigureField()
    taxes_total = FigureField()
    seal_head = serializers.CharField(help_text="The head of the ledger's seals when its week's close began.")

    class Meta:
        model = Dtr
        fields: tuple[str, ...] = (
            "id",
            "reference_id",
            "number",
            "week_end",
            "driver_id",
            "lease_id",
            "driver_name",
            "tlc_license",
            "lease_type",
            "medallion",
            "plate",
            "held",
            "deposits",
            "owed_due",
            "owed_since",
            "owed_later",
            "net_due",
            "payable",
            "card_trips",
            "card_total",
            "cash_trips",
            "cash_total",
            "other_trips",
            "other_total",
            "taxes_total",
            "sealed_on",
            "sealed_at",
            "seal_head",
        )


class DtrLineSerializer(serializers.ModelSerializer[DtrLine]):
    """A category: what it began with, what moved, and what it ended with."""

    opening = FigureField()
    from_before = FigureField()
    opened = FigureField()
    corrected = FigureField()
    receipts_voided = FigureField()
    paid = FigureField()
    applied = FigureField()
    from_deposit = FigureField()
    undone = FigureField()
    written_off = FigureField()
    write_offs_undone = FigureField()
    paid_out = FigureField()
    payouts_undone = FigureField()
    closing = FigureField()

    class Meta:
        model = DtrLine
        fields = (
            "entry_type",
            "category",
            "opening",
            "from_before",
            "opened",
            "corrected",
            "receipts_voided",
            "paid",
            "applied",
            "from_deposit",
            "undone",
            "written_off",
            "write_offs_undone",
            "paid_out",
            "payouts_undone",
            "closing",
        )


class DtrPayoutSerializer(serializers.Serializer[selectors.DtrPayout]):
    """A payout that names the DTR; it stands until it is voided."""

    payout_id = serializers.IntegerField()
    reference_id = serializers.CharField(help_text="As in OUT-000123.")
    method = serializers.CharField()
    instrument_number = serializers.CharField()
    amount = AmountField()
    stands = serializers.BooleanField()


class OneDtrSerializer(DtrSerializer):
    """A DTR with its lines, what its paper says, and its payouts."""

    lines = DtrLineSerializer(many=True)
    document = serializers.SerializerMethodField(help_text="What its paper says, section by section, in its words.")
    payouts = serializers.SerializerMethodField(help_text="All there were, in their order.")

    class Meta(DtrSerializer.Meta):
        fields: tuple[str, ...] = (*DtrSerializer.Meta.fields, "lines", "document", "payouts")

    def get_document(self, dtr: Dtr) -> dict[str, Any]:
        (paper,) = selectors.list_papers([dtr])
        return exports.describe_dtr(paper)

    @extend_schema_field(DtrPayoutSerializer(many=True))
    def get_payouts(self, dtr: Dtr) -> Any:
        found: Any = selectors.list_payouts_of([dtr])[dtr.reference_id]
        return DtrPayoutSerializer(found, many=True).data


class PaymentOutcomeSerializer(serializers.Serializer[services.PaymentOutcome]):
    """What became of one payment: its payout, or the problem for which there is none."""

    dtr_id = serializers.IntegerField()
    payout = DtrPayoutSerializer(allow_null=True)
    refusal = serializers.SerializerMethodField()

    @extend_schema_field(ProblemSerializer(allow_null=True))
    def get_refusal(self, outcome: services.PaymentOutcome) -> Any:
        return None if outcome.refusal is None else problem_of(outcome.refusal)


class PaymentOutcomesSerializer(serializers.Serializer[Any]):
    """One outcome for each payment, in the order in which they were sent."""

    outcomes = PaymentOutcomeSerializer(many=True)
