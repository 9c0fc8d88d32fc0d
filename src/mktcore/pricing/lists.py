"""Schedules and their assignments as lists."""

from mktcore.access.record_list import RecordList
from mktcore.pricing.assignment import ASSIGNMENTS, Assignment
from mktcore.pricing.price_schedule import PRICE_SCHEDULES, PriceSchedule

__all__ = ["AssignmentList", "ScheduleList"]


class ScheduleList(RecordList[PriceSchedule]):
    """The caller's price schedules; the operator sees all."""

    kind, filters = PRICE_SCHEDULES, ("owner", "currency", "starts", "ends")


class AssignmentList(RecordList[Assignment]):
    """To whom the caller's schedules are assigned; the operator sees all."""

    kind, filters = ASSIGNMENTS, ("owner", "sku", "schedule", "buyer", "group")
