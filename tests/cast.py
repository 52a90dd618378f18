"""The same few people everywhere. Plain data: factories.py brings them into a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """Somebody who signs in."""

    name: str
    email: str
    password: str
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    phone: str | None = None


@dataclass(frozen=True)
class Visitor:
    """Somebody who asks to be rung."""

    name: str
    phone: str
    language: str = "en"
    note: str = ""


ASHA = Member(
    name="Asha",
    email="asha@helpline.example",
    password="asha rings people back",
    roles=("advisor",),
    languages=("hi", "en"),
    phone="+919812300001",
)
RAVI = Member(
    name="Ravi",
    email="ravi@helpline.example",
    password="ravi rings people back",
    roles=("advisor",),
    languages=("en",),
    phone="+919812300002",
)
MEERA = Member(
    name="Meera",
    email="meera@helpline.example",
    password="meera sets the hours",
    roles=("admin",),
    languages=("en", "hi"),
)
VIKRAM = Member(
    name="Vikram",
    email="vikram@helpline.example",
    password="vikram keeps the floor in view",
    roles=("supervisor",),
    languages=("hi", "en"),
)
STAFF = (ASHA, RAVI, VIKRAM, MEERA)

KAVITA = Visitor("Kavita", "+919876500001", language="hi", note="Please ring after lunch.")
ARJUN = Visitor("Arjun", "+919876500002")
LEELA = Visitor("Leela", "+919876500003", note="It is about my brother.")
IMRAN = Visitor("Imran", "+919876500004")
VISITORS = (KAVITA, ARJUN, LEELA, IMRAN)

HELPLINE = "+911140000000"
CARRIER_ACCOUNT = "AC" + "0" * 31 + "1"
CARRIER_TOKEN = "the-carriers-token-in-tests"
