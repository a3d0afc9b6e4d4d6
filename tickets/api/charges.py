"""Miscellaneous charges: listed, made and voided."""

import hashlib
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from core.api.fields import DayField, IdField, StrictSerializer, TextField
from core.api.looks import Look, PageFilters, Rows
from ledger.api.fields import AmountField
from ledger.api.money_acts import MoneyAct, ReasonBody
from tickets import selectors, services
from tickets.api.told import ChargeTypeSerializer, MiscChargeSerializer, OneMiscChargeSerializer
from tickets.models import ChargeType, MiscCharge


class ChargeTypes(Rows):
    """What a miscellaneous charge may be for."""

    required_permissions = ("tickets.view_chargetype",)
    serializer_class = ChargeTypeSerializer

    def find(self, asked: dict[str, Any]) -> QuerySet[ChargeType]:
        return selectors.list_charge_types()


class MiscChargeFilters(PageFilters):
    driver = IdField(required=False)
    lease = IdField(required=False)
    charge_type = IdField(required=False)
    charged_on = DayField(required=False)
    voided = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="Both without it.")


class MiscCharges(Rows):
    """Miscellaneous charges, newest first."""

    required_permissions = ("tickets.view_misccharge",)
    serializer_class = MiscChargeSerializer
    filters = MiscChargeFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[MiscCharge]:
        named = {"driver": "driver_id", "lease": "lease_id", "charge_type": "charge_type_id"}
        found = selectors.list_charges().filter(
            **{named.get(name, name): asked[name] for name in (*named, "charged_on") if name in asked}
        )
        if asked["voided"] is None:
            return found
        return found.exclude(void_reason="") if asked["voided"] else found.filter(void_reason="")


class ShowMiscCharge(Look):
    """One miscellaneous charge, and how the ledger has it."""

    required_permissions = ("tickets.view_misccharge",)
    answers = OneMiscChargeSerializer

    def find(self, asked: dict[str, Any]) -> MiscCharge:
        return selectors.get_charge(asked["charge_id"])


class MiscChargeBody(StrictSerializer):
    """What is charged to whom, and for what."""

    charge_type_id = IdField()
    driver_id = IdField()
    lease_id = IdField(required=False, allow_null=True)
    vehicle_id = IdField(required=False, allow_null=True)
    amount = AmountField(required=False, help_text="The type's usual amount, without it.")
    due_on = DayField(required=False, help_text="This week's Saturday, without it.")
    note = TextField(required=False, allow_blank=True, max_length=500)
    paper_number = TextField(
        required=False, allow_blank=True, max_length=40, help_text="Of the agreement that the driver signed."
    )


class CreateMiscCharge(MoneyAct):
    """Charge a driver for a lost key, a cleaning, a towing."""

    required_permissions = ("tickets.add_misccharge",)
    body = MiscChargeBody
    answers = OneMiscChargeSerializer
    status = 201
    needs_key = True
    example = {"charge_type_id": 2, "driver_id": 1, "amount": "25.00", "note": "Key of cab 7G52"}

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = asked["driver_id"]
        return driver_id

    def perform(self, asked: dict[str, Any]) -> MiscCharge:
        key = self.service_key
        # A charge keeps 64 characters of its key; all of it is in its digest.
        entry_key = None if key is None else hashlib.sha256(key.encode()).hexdigest()
        return services.create_misc_charge(**asked, entry_key=entry_key, today=self.today, actor=self.actor)

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        reason = selectors.get_charge(told["id"]).void_reason
        return {"voided": {"reason": reason}} if reason else {}


class VoidMiscCharge(MoneyAct):
    """Undo a miscellaneous charge: what was paid of it is free again."""

    required_permissions = ("tickets.void_misccharge",)
    body = ReasonBody
    answers = OneMiscChargeSerializer
    example = {"reason": "The key was found"}

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = selectors.get_charge(asked["charge_id"]).driver_id
        return driver_id

    def perform(self, asked: dict[str, Any]) -> MiscCharge:
        return services.void_misc_charge(**asked, today=self.today, actor=self.actor)
