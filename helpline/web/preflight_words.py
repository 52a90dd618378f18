"""Preflight findings in plain words: what was found, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.preflight.checks import Check, Finding, Level, Said
from helpline.web.language import gettext as _
from helpline.web.language import locale


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words; ``todo`` is empty where nothing is to be done."""

    level: Level
    title: str
    words: str
    todo: str


def told(finding: Finding) -> Told:
    """A finding in the language of this page."""
    words, todo = _words(finding)
    return Told(finding.level, _titles()[finding.check], words, todo)


def region_name(region: str) -> str:
    """A region by its name."""
    return str(locale().territories.get(region, region))


def _titles() -> dict[Check, str]:
    return {
        Check.CREDENTIALS: _("Account"),
        Check.BALANCE: _("Balance"),
        Check.NUMBER: _("Number"),
        Check.ROUTES: _("Calls and texts to us"),
        Check.CALLER_IDS: _("Number of a region"),
        Check.ADDRESS: _("Public address"),
        Check.REGIONS: _("Regions"),
        Check.KEYS: _("Keys"),
        Check.WORKER: _("Worker"),
        Check.CLOCK: _("Clock"),
        Check.TIME_ZONES: _("Time zones"),
    }


def _words(finding: Finding) -> tuple[str, str]:
    said, about = finding.said, finding.about
    for part in (
        _account_words,
        _number_words,
        _route_words,
        _country_words,
        _address_words,
        _machine_words,
    ):
        found = part(said, about)
        if found is not None:
            return found
    return said, ""


def _account_words(said: Said, about: str) -> tuple[str, str] | None:
    return {
        Said.NO_CARRIER: (
            _("No phone company is set up: advisors ring from their own phones."),
            "",
        ),
        Said.ACCOUNT_ACTIVE: (_("The phone company accepts our account."), ""),
        Said.ACCOUNT_NOT_ACTIVE: (
            _("The account is %(state)s at the phone company.", state=about),
            _("Sign in to the phone company's console and reactivate it."),
        ),
        Said.ACCOUNT_TRIAL: (
            _("The account is on trial: it reaches only numbers that were verified with it."),
            _("Upgrade it in the phone company's console before visitors come."),
        ),
        Said.BASE_ADDRESS_RETIRED: (
            _("The phone company has switched %(address)s off.", address=about),
            _(
                "Set HELPLINE_TWILIO_BASE_URL to the address with the region's edge, such as "
                "https://api.dublin.ie1.twilio.com. The token must be that region's."
            ),
        ),
        Said.BALANCE_GOOD: (_("%(amount)s are left in the account.", amount=about), ""),
        Said.BALANCE_LOW: (
            _("Only %(amount)s are left in the account.", amount=about),
            _("Add funds in the phone company's console, or turn on automatic recharge there."),
        ),
        Said.BALANCE_GONE: (
            _("Nothing is left in the account: %(amount)s.", amount=about),
            _("Add funds in the phone company's console. Until then no call is made."),
        ),
        Said.BALANCE_UNCHECKED: (
            _("What is left in the account could not be checked."),
            _(
                "Look at it in the phone company's console. An account that belongs to another has "
                "no balance of its own."
            ),
        ),
        Said.CREDENTIALS_REFUSED: (
            _("The phone company does not accept our account."),
            _(
                "Copy account and token from its console again, into HELPLINE_TWILIO_ACCOUNT_SID "
                "and HELPLINE_TWILIO_AUTH_TOKEN, and restart web and worker."
            ),
        ),
        Said.CARRIER_UNREACHABLE: (
            _("The phone company cannot be reached."),
            _(
                "Check this machine's way out to the internet, its firewall, and "
                "HELPLINE_TWILIO_BASE_URL."
            ),
        ),
        Said.REGIONS_GOOD: (
            _("The account may call these regions: %(names)s.", names=_region_names(about)),
            "",
        ),
        Said.REGIONS_UNCHECKED: (
            _(
                "Whether the account may call these regions could not be checked: %(names)s.",
                names=_region_names(about),
            ),
            _(
                "Look at the geographic permissions of voice in the phone company's console. A "
                "restricted key may not read them."
            ),
        ),
        Said.REGION_REFUSED: (
            _("The phone company does not ring %(region)s for us.", region=region_name(about)),
            _(
                "Allow %(region)s in its console, under the geographic permissions of voice (and "
                "of messages), then say on the page Calls that it is set right.",
                region=region_name(about),
            ),
        ),
    }.get(said)


def _number_words(said: Said, about: str) -> tuple[str, str] | None:
    return {
        Said.NUMBER_GOOD: (_("%(number)s is ours, and can ring and text.", number=about), ""),
        Said.NUMBER_NOT_OWNED: (
            _("The account does not own %(number)s.", number=about),
            _(
                "Buy it in the phone company's console, or set another number: HELPLINE_CALLER_ID, "
                "or on the page Calls for a region."
            ),
        ),
        Said.NUMBER_NO_VOICE: (
            _("%(number)s cannot make calls.", number=about),
            _("Choose a number with voice in the phone company's console."),
        ),
        Said.NUMBER_NO_SMS: (
            _("%(number)s cannot send texts, so nobody gets one.", number=about),
            _("If you want texts, choose a number with SMS in the phone company's console."),
        ),
    }.get(said)


def _region_names(about: str) -> str:
    return ", ".join(region_name(each) for each in about.split(", "))


def _route_words(said: Said, about: str) -> tuple[str, str] | None:
    """About is: the number, and what is set for it at the phone company."""
    number, _space, found = about.partition(" ")
    shown = {"number": number, "found": found or _("nothing")}
    press = _("Press “Set these addresses” on the admin's home.")
    return {
        Said.NUMBER_UNCHECKED: (
            _("%(number)s could not be checked.", number=about),
            _("See what is said of the account. Then press “Try again”."),
        ),
        Said.ROUTES_GOOD: (_("Calls and texts to %(number)s come here.", number=number), ""),
        Said.VOICE_DEMO: (
            _("Nobody can reach us: calls to %(number)s go to a demo.", number=number),
            press,
        ),
        Said.VOICE_ELSEWHERE: (
            _("Nobody can reach us by calling %(number)s. Its address is: %(found)s.", **shown),
            press,
        ),
        Said.VOICE_METHOD: (
            _("Nobody can reach us: calls to %(number)s come as %(found)s, not POST.", **shown),
            press,
        ),
        Said.VOICE_TAKEN: (
            _("Calls to %(number)s go to the application or trunk %(found)s, not here.", **shown),
            press,
        ),
        Said.FALLBACK_MISSING: (
            _("Calls to %(number)s have no fallback here. Set instead: %(found)s.", **shown),
            _("Without it callers hear nothing useful if the service fails.") + " " + press,
        ),
        Said.STATUS_ELSEWHERE: (
            _("We are not told when calls to %(number)s end. Set instead: %(found)s.", **shown),
            _("Calls that end are then noticed late.") + " " + press,
        ),
        Said.SMS_ELSEWHERE: (
            _("Texts to %(number)s do not come here. Set instead: %(found)s.", **shown),
            _("Nobody who texts us is answered.") + " " + press,
        ),
        Said.SMS_METHOD: (
            _("Texts to %(number)s come as %(found)s, not POST.", **shown),
            _("Nobody who texts us is answered.") + " " + press,
        ),
        Said.SMS_TAKEN: (
            _("Texts to %(number)s go to the application %(found)s, not here.", **shown),
            press,
        ),
        Said.SMS_FALLBACK_MISSING: (
            _("Texts to %(number)s have no fallback here. Set instead: %(found)s.", **shown),
            press,
        ),
    }.get(said)


def _country_words(said: Said, about: str) -> tuple[str, str] | None:
    region, _space, number = about.partition(" ")
    name = region_name(region)
    return {
        Said.CALLER_ID_NOT_INTO: (
            _(
                "Twilio does not connect calls from %(number)s to %(region)s: it does so only from "
                "numbers of other countries.",
                number=number,
                region=name,
            ),
            _(
                "Buy a number of another country there, such as the United Kingdom or the United "
                "States, and set it for %(region)s on the page Calls. Tell visitors that a "
                "foreign number will show. Until then, advisors can call from their own phones.",
                region=name,
            ),
        ),
        Said.TEXTS_ONE_WAY: (
            _("Nobody in %(region)s can text to us: Twilio carries texts one way.", region=name),
            _(
                "Texts to visitors arrive, from another number each time. Do not ask visitors "
                "there to text; they can use the website or call."
            ),
        ),
    }.get(said)


def _address_words(said: Said, about: str) -> tuple[str, str] | None:
    return {
        Said.ADDRESS_GOOD: (
            _("%(address)s leads here, and the phone company's signature holds.", address=about),
            "",
        ),
        Said.ADDRESS_LOCAL: (
            _("The phone company cannot reach %(address)s from outside.", address=about),
            _("Set HELPLINE_PUBLIC_URL to the address that visitors use."),
        ),
        Said.ADDRESS_PLAIN: (
            _("%(address)s is not encrypted.", address=about),
            _("Put a certificate on the proxy and set HELPLINE_PUBLIC_URL to https://."),
        ),
        Said.PROXY_NOT_TRUSTED: (
            _("A proxy seems to stand in front, and is not trusted: its visitors share one limit."),
            _(
                "Set HELPLINE_TRUSTED_PROXIES to the number of your proxies and restart the web "
                "process. If there is none, somebody sends X-Forwarded-For by themselves."
            ),
        ),
        Said.ADDRESS_UNREACHABLE: (
            _("Nothing answers at %(address)s.", address=about),
            _(
                "Check that the web process runs, that the proxy leads to it, the name and the "
                "certificate; and that this machine may reach its own public address."
            ),
        ),
        Said.ADDRESS_REDIRECTS: (
            _("%(address)s leads on to another address.", address=about),
            _(
                "Set HELPLINE_PUBLIC_URL to the address it leads to: a signature holds for one "
                "address only."
            ),
        ),
        Said.ADDRESS_NOT_OURS: (
            _("Something else answers at %(address)s.", address=about),
            _("Have the proxy pass /webhooks/ on to this service as it comes, with its body."),
        ),
        Said.SIGNATURE_REFUSED: (
            _("The service refused a rightly signed question at %(address)s.", address=about),
            _(
                "Web process and worker must have the same HELPLINE_PUBLIC_URL and the same token "
                "(restart both), and the proxy must pass the header X-Twilio-Signature, the path "
                "and the body on unchanged."
            ),
        ),
        Said.TOKEN_NOT_KNOWN: (
            _(
                "The service at %(address)s does not accept all auth tokens and keys that are set.",
                address=about,
            ),
            _(
                "Restart all web processes and workers before you promote the secondary auth token "
                "in Twilio's console, else calls are cut off at that moment."
            ),
        ),
        Said.SIGNATURE_UNCHECKED: (
            _("A wrongly signed question was accepted at %(address)s.", address=about),
            _("Take the service off the internet: anybody could pose as the phone company."),
        ),
    }.get(said)


def _machine_words(said: Said, about: str) -> tuple[str, str] | None:
    return {
        Said.KEYS_GOOD: (_("The database was written with the keys of this machine."), ""),
        Said.KEYS_WRONG: (
            _("The database was written with other keys than %(settings)s here.", settings=about),
            _("Put back the helpline.env that belongs to this database, then restart."),
        ),
        Said.WORKER_ALIVE: (_("The worker is running."), ""),
        Said.WORKER_NEVER: (
            _("The worker has never run. Calls are not being made."),
            _("Start it: flask helpline worker."),
        ),
        Said.WORKER_SILENT: (
            _(
                "Nothing was heard of the worker for %(minutes)s minutes. Calls are not being "
                "made.",
                minutes=about,
            ),
            _("Start it again: flask helpline worker. Its log says why it ended."),
        ),
        Said.CLOCK_GOOD: (_("This machine's clock agrees with the phone company's."), ""),
        Said.CLOCK_UNKNOWN: (_("There is nobody to compare this machine's clock with."), ""),
        Said.CLOCK_OFF: (
            _("This machine's clock is off by %(seconds)s seconds.", seconds=about),
            _("Turn on time synchronisation (NTP): hours are kept by this clock."),
        ),
        Said.CLOCK_SIMULATED: (
            _("The clock is simulated, for trying things out."),
            _("For real visitors, unset HELPLINE_CLOCK_OFFSET_SECONDS."),
        ),
        Said.CLOCKS_DIFFER: (
            _("The worker's clock is %(seconds)s seconds ahead of this machine's.", seconds=about),
            _("Turn on time synchronisation (NTP) on both machines."),
        ),
        Said.ZONES_GOOD: (
            _("The time zone is known; its rules are those of %(version)s.", version=about),
            "",
        ),
        Said.ZONES_OLD: (
            _(
                "The rules of time zones on this machine are old (%(version)s).",
                version=about or "?",
            ),
            _("Bring the system's package tzdata up to date, then restart."),
        ),
        Said.ZONES_DIFFER: _zones_differ(about),
        Said.ZONE_UNKNOWN: (
            _("The time zone %(zone)s is not known on this machine.", zone=about),
            _("Install the system's package tzdata, then restart."),
        ),
    }.get(said)


def _zones_differ(about: str) -> tuple[str, str]:
    """About is: the zone, the date, the system's release, the package's release."""
    zone, day, system, packaged = (*about.split(), *[""] * 4)[:4]
    return (
        _(
            "The system's time zone table (%(system)s) and the packaged one (%(packaged)s) differ "
            "for %(zone)s from %(day)s. The newer one is used.",
            system=system,
            packaged=packaged,
            zone=zone,
            day=day,
        ),
        _(
            "Update the system's package tzdata, so that other programs on this machine tell the "
            "same time; then restart."
        ),
    )
