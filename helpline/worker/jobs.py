"""The worker's jobs, by name. Each handles one item and returns whether there was one.

All are safe to run in many workers at once: an item is taken in the database first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from helpline import clock
from helpline.callbacks import claims, references
from helpline.callbacks import service as callback_service
from helpline.callbacks.phone_limits import service as phone_limit_service
from helpline.callbacks.set_aside import service as set_aside_service
from helpline.calls import cancel_at_closing, daily_budget, staff_alerts
from helpline.calls import service as call_service
from helpline.calls.attempt_jobs import ATTEMPTS
from helpline.calls.dispatch import rounds
from helpline.calls.dispatch.offer_jobs import OFFERS
from helpline.calls.inbound import recordings
from helpline.calls.inbound.call_jobs import INBOUND_CALLS
from helpline.calls.listening import jobs as listening_jobs
from helpline.calls.listening.jobs import LISTENERS
from helpline.current import services
from helpline.domain.job_limits import JobLimits
from helpline.messaging.carrier_jobs import (
    CarrierContext,
    JobKind,
    end_next_overdue,
    end_next_unwanted,
    look_up_next,
    start_next,
)
from helpline.messaging.sms_delivery import SmsJobs
from helpline.messaging.webhooks import deliveries

SMS = SmsJobs(lambda now: daily_budget.is_exhausted_now(now=now))
KINDS: tuple[JobKind[Any], ...] = (ATTEMPTS, OFFERS, LISTENERS, INBOUND_CALLS, SMS)


CALL_JOBS: Mapping[str, Callable[[CarrierContext], bool]] = MappingProxyType(
    {
        "place_call": partial(start_next, ATTEMPTS),
        "look_up_silent": partial(look_up_next, ATTEMPTS),
        "end_unwanted_call": partial(end_next_unwanted, ATTEMPTS),
        "take_back_at_closing": cancel_at_closing.cancel_next,
        "place_offer": partial(start_next, OFFERS),
        "look_up_silent_offer": partial(look_up_next, OFFERS),
        "end_unwanted_offer": partial(end_next_unwanted, OFFERS),
        "place_listener": partial(start_next, LISTENERS),
        "look_up_silent_listener": partial(look_up_next, LISTENERS),
        "end_unwanted_listener": partial(end_next_unwanted, LISTENERS),
        "change_call": listening_jobs.change_next,
        "look_up_silent_call_in": partial(look_up_next, INBOUND_CALLS),
        "fetch_message": recordings.fetch_next,
    }
)
"""Jobs that ask the carrier about calls: steps in the life of each kind of carrier job."""

SMS_JOBS: Mapping[str, Callable[[CarrierContext], bool]] = MappingProxyType(
    {
        "send_text": partial(start_next, SMS),
        "look_up_text": partial(look_up_next, SMS),
    }
)
"""Jobs that ask the carrier about text messages."""


def end_overdue(*, carriers: Collection[str]) -> bool:
    """End one carrier job that has lasted longer than any can, with or without its carrier.

    A recorded message is ended here only where its carrier has no account any more: with one,
    fetching ends after some retries, and after an outage of the worker it can still be fetched.

    Args:
        carriers: those with an account.
    """
    now, limits = clock.now(), job_limits()
    return any(
        end_next_overdue(kind, now=now, limits=limits) for kind in KINDS
    ) or recordings.end_one_overdue(carriers, now=now, limits=limits)


def expire_callback(*, now: datetime) -> bool:
    """Expire a callback that waited, or was set aside, longer than the policy allows."""
    return (
        callback_service.end_one_past_safe_time(now=now)
        or callback_service.expire_one(now=now)
        or set_aside_service.expire_one(now=now)
    )


DATABASE_JOBS: Mapping[str, Callable[..., bool]] = MappingProxyType(
    {
        "return_lapsed_claim": claims.release_one_expired_claim,
        "return_overdue_claim": claims.release_one_overdue_claim,
        "return_claim_at_closing": claims.release_one_at_closing,
        "close_wrap_up": call_service.close_one_wrap_up,
        "end_withdrawn_call": call_service.end_one_cancelled,
        "end_request_behind": callback_service.end_one_follower,
        "expire_callback": expire_callback,
        "complete_references": references.complete_some,
        "forget_past_rests": phone_limit_service.erase_expired,
        "tell_of_waiting": rounds.alert_waiting,
        "alert_staff": staff_alerts.alert_staff,
        "alert_of_emergencies": staff_alerts.alert_of_emergencies,
        "remind_of_shifts": staff_alerts.remind_of_shifts,
    }
)
"""Jobs that need only the time."""


def send_webhook() -> bool:
    """Send one due webhook to a system of the helpline's own choice."""
    return deliveries.send_next(allow_private=services().settings.environment == "development")


def job_limits() -> JobLimits:
    """Return how long each stage of a carrier job can last, by the operator's settings."""
    settings = services().settings
    return JobLimits.of(
        ring_seconds=settings.advisor_ring_seconds,
        longest_seconds=settings.longest_call_minutes * 60,
        longest_message_seconds=settings.longest_message_seconds,
        silent_after=timedelta(seconds=settings.silent_after_seconds),
        lost_after=timedelta(seconds=settings.lost_after_seconds),
    )
