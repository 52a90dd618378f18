"""Registration of text messages, where a country delivers only templates that it knows.

India's operators compare each message with the template that its sender registered (DLT, by the
Telecom Commercial Communications Customer Preference Regulations, 2018): a changed wording is
dropped without a word. So the wording is locked when an admin enters the id of its registration,
and a message with another wording is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from helpline.db import StaleVersion, insert_or_ignore, transaction, update_version
from helpline.messaging import sms_templates
from helpline.messaging.models import OutboundSms, TextRegistration
from helpline.privacy import audit
from helpline.telephony import carrier_routes, regions
from helpline.telephony.port import SmsRegistration

VARIABLE = "{#var#}"
"""What stands for a changing part in a registered template."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template as it is to be registered.

    Args:
        key: of messaging/sms_templates.
        wording: with VARIABLE in place of what changes.
        template_id: of its registration; empty without one.
        is_locked: whether it is registered in this wording.
    """

    key: str
    language: str
    wording: str
    template_id: str = ""
    is_locked: bool = False

    @property
    def name(self) -> str:
        return name_of(self.key, self.language)


def name_of(key: str, language: str) -> str:
    """Return the name by which a template is stored."""
    return f"{language}-{key}"


def is_required(region: str, carrier: str) -> bool:
    """Return whether a carrier's texts to a region are delivered only as registered templates."""
    return regions.facts(region).template_registration(carrier).value is True


def wording_of(key: str, language: str) -> str:
    """Return a template's wording as it is to be registered."""
    values = dict.fromkeys(sms_templates.PLACEHOLDERS[key], VARIABLE)
    return sms_templates.render(key, language, **values)


def hash_of(wording: str) -> str:
    return sha256(wording.encode()).hexdigest()


def stored(session: Session, region: str) -> TextRegistration | None:
    """Return the registration of a region, if there is one."""
    return session.scalar(sa.select(TextRegistration).where(TextRegistration.region == region))


def templates_of(session: Session, region: str) -> list[Template]:
    """Return the templates of messages that are sent to a region, by language, and how each is
    registered.
    """
    registration = stored(session, region)
    saved = registration.templates if registration is not None else {}
    carrier = carrier_routes.route_for(session, region).carrier
    keys = sms_templates.sent_keys(two_way=sms_templates.can_answer(carrier, region))
    found = []
    for language in sms_templates.load():
        for key in keys:
            wording = wording_of(key, language)
            kept = saved.get(name_of(key, language), {})
            is_locked = kept.get("wording") == hash_of(wording)
            found.append(Template(key, language, wording, kept.get("id", ""), is_locked))
    return found


def for_text(session: Session, region: str, text: OutboundSms) -> SmsRegistration | None:
    """Return the registration of a text's wording; None where it has none, or another wording was
    registered.
    """
    registration = stored(session, region)
    if registration is None or text.template is None:
        return None
    kept = registration.templates.get(text.template, {})
    if not kept.get("id") or kept.get("wording") != text.wording_hash:
        return None
    return SmsRegistration(registration.header, registration.entity_id, kept["id"])


def count_unregistered(session: Session) -> dict[str, int]:
    """Return how many templates are not registered as they are worded, by region whose carrier
    requires it.
    """
    return {
        region: sum(not each.is_locked for each in templates_of(session, region))
        for region in regions.known_regions()
        if is_required(region, carrier_routes.route_for(session, region).carrier)
    }


def save(
    region: str,
    *,
    entity_id: str,
    header: str,
    ids: Mapping[str, str],
    seen: str,
    expected_version: int,
    admin_id: int,
    now: datetime,
) -> None:
    """Save the ids of a region. A new id locks the wording as it is now; one that stays keeps the
    wording that it was entered for.

    Args:
        ids: by name of the template; empty for none.
        seen: ``digest`` of the wordings that the admin saw.
        expected_version: the version that the admin edited.

    Raises:
        StaleVersion: another admin saved in between, or changed a wording; nothing was saved.
    """
    with transaction() as session:
        insert_or_ignore(
            session,
            TextRegistration,
            region=region,
            entity_id="",
            header="",
            templates={},
            version=1,
        )
        registration = session.scalars(
            sa.select(TextRegistration).where(TextRegistration.region == region).with_for_update()
        ).one()
        before = dict(registration.templates)
        templates = templates_of(session, region)
        if digest(templates) != seen:
            raise StaleVersion
        after = {
            each.name: before[each.name]
            if each.template_id == ids[each.name]
            else {"id": ids[each.name], "wording": hash_of(each.wording)}
            for each in templates
            if ids.get(each.name)
        }
        update_version(
            session,
            TextRegistration,
            TextRegistration.region == region,
            expected_version=expected_version,
            entity_id=entity_id,
            header=header,
            templates=after,
        )
        audit.record(
            session,
            at=now,
            actor=f"staff:{admin_id}",
            action="text_registration_changed",
            subject=f"region:{region}",
            before={name: kept["id"] for name, kept in before.items()},
            after={name: kept["id"] for name, kept in after.items()},
            entity_id=entity_id,
            header=header,
        )


def digest(templates: list[Template]) -> str:
    """Return a digest of the wordings, by which a page knows that none has changed."""
    return hash_of("\n".join(each.wording for each in templates))
