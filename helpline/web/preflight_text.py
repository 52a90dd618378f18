"""Texts of preflight findings: what was found, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.current import carrier_label, services
from helpline.preflight.checks import Check, Finding, FindingCode, Level
from helpline.telephony.adapters import ADAPTERS, FIRST
from helpline.telephony.port import Adapter
from helpline.web.language import gettext as _
from helpline.web.language import locale


@dataclass(frozen=True, slots=True)
class FindingText:
    """The text of a finding; ``todo`` is empty where there is nothing to do."""

    level: Level
    title: str
    words: str
    todo: str


def finding_text(finding: Finding) -> FindingText:
    sentence, todo = _words(finding)
    title = _titles()[finding.check]
    if finding.carrier and list(services().carriers) != [finding.carrier]:
        title = f"{title} ({carrier_label(finding.carrier)})"
    return FindingText(finding.level, title, sentence, todo)


def region_name(region: str) -> str:
    return str(locale().territories.get(region, region))


def _titles() -> dict[Check, str]:
    return {
        Check.CREDENTIALS: _("Account"),
        Check.BALANCE: _("Balance"),
        Check.NUMBER: _("Number"),
        Check.ROUTES: _("Inbound calls and text messages"),
        Check.CALLER_IDS: _("Number for a region"),
        Check.TEXTS: _("Text messages"),
        Check.LIMITS: _("Limits of the phone company"),
        Check.ADDRESS: _("Public address"),
        Check.REGIONS: _("Regions"),
        Check.KEYS: _("Keys"),
        Check.WORKER: _("Worker"),
        Check.CLOCK: _("Clock"),
        Check.TIME_ZONES: _("Time zones"),
    }


def _words(finding: Finding) -> tuple[str, str]:
    code, about = finding.code, finding.about
    adapter = ADAPTERS.get(finding.carrier, ADAPTERS[FIRST])
    for texts in (
        _account_words(code, about, adapter),
        _number_words(code, about),
        _route_words(code, about),
        _country_words(code, about),
        _address_words(code, about, adapter),
        _machine_words(code, about),
    ):
        if texts is not None:
            return texts
    return code, ""


def _account_words(code: FindingCode, about: str, adapter: Adapter) -> tuple[str, str] | None:
    return {
        FindingCode.NO_CARRIER: (
            _("No phone company is set up. Advisors call from their own phones."),
            "",
        ),
        FindingCode.ACCOUNT_ACTIVE: (_("The phone company accepts the helpline's account."), ""),
        FindingCode.ACCOUNT_NOT_ACTIVE: (
            _("The account is %(state)s at the phone company.", state=about),
            _("Sign in to the phone company's console and reactivate it."),
        ),
        FindingCode.ACCOUNT_TRIAL: (
            _("This is a trial account. It can call only numbers that were verified with it."),
            _("Upgrade it in the phone company's console before you open to visitors."),
        ),
        FindingCode.BASE_ADDRESS_RETIRED: (
            _("The phone company no longer supports %(address)s.", address=about),
            _(
                "Set %(setting)s to the address with the region's edge, such as "
                "https://api.dublin.ie1.twilio.com. The token must be that region's.",
                setting=adapter.base_url_setting,
            ),
        ),
        FindingCode.BALANCE_GOOD: (_("The account balance is %(amount)s.", amount=about), ""),
        FindingCode.BALANCE_LOW: (
            _("The account balance is low: %(amount)s.", amount=about),
            _("Add funds in the phone company's console, or turn on automatic recharge there."),
        ),
        FindingCode.BALANCE_GONE: (
            _("The account has no credit left: %(amount)s.", amount=about),
            _("Add funds in the phone company's console. No calls are made until then."),
        ),
        FindingCode.BALANCE_UNCHECKED: (
            _("The account balance could not be checked."),
            _("Check it in the phone company's console. A subaccount has no balance of its own."),
        ),
        FindingCode.CREDENTIALS_REFUSED: (
            _("The phone company does not accept the helpline's account."),
            _(
                "Copy the account's id and token from its console into %(settings)s. Then restart "
                "the web and worker processes.",
                settings=adapter.account_settings,
            ),
        ),
        FindingCode.CARRIER_UNREACHABLE: (
            _("The phone company cannot be reached."),
            _(
                "Check this server's internet connection, its firewall and %(setting)s.",
                setting=adapter.base_url_setting,
            ),
        ),
        FindingCode.REGIONS_GOOD: (
            _("The account can call these regions: %(names)s.", names=_region_names(about)),
            "",
        ),
        FindingCode.REGIONS_UNCHECKED: (
            _(
                "Permission to call these regions could not be checked: %(names)s.",
                names=_region_names(about),
            ),
            _(
                "Check the voice geographic permissions in the phone company's console. A "
                "restricted API key cannot read them."
            ),
        ),
        FindingCode.REGION_REFUSED: (
            _("The phone company does not allow calls to %(region)s.", region=region_name(about)),
            _(
                "Allow %(region)s in its console, under geographic permissions for voice and "
                "for messages. Then mark it as fixed on the Calls page.",
                region=region_name(about),
            ),
        ),
    }.get(code)


def _number_words(code: FindingCode, about: str) -> tuple[str, str] | None:
    return {
        FindingCode.NUMBER_GOOD: (
            _(
                "%(number)s belongs to the account and can make calls and send text messages.",
                number=about,
            ),
            "",
        ),
        FindingCode.NUMBER_NOT_OWNED: (
            _("The account does not own %(number)s.", number=about),
            _(
                "Buy it in the phone company's console, or use another number. Set it in "
                "HELPLINE_CALLER_ID, or on the Calls page for a region."
            ),
        ),
        FindingCode.MACHINES_UNDETECTED: (
            _("This phone company cannot tell an answering machine from a person."),
            _(
                "Visitors press 1 before they are connected instead. Turn off "
                "HELPLINE_MACHINE_DETECTION to connect them without."
            ),
        ),
        FindingCode.LANGUAGE_UNSPOKEN: (
            _(
                "This phone company has no voice for a language of HELPLINE_VOICE_LANGUAGES: "
                "%(code)s.",
                code=about,
            ),
            _("Take it out of HELPLINE_VOICE_LANGUAGES: calls in it would break off."),
        ),
        FindingCode.NUMBER_UNREGISTERED: (
            _("The phone company has not accepted the registration of %(number)s.", number=about),
            _(
                "Complete it in the phone company's console (identity check, KYC). Until then "
                "calls are refused."
            ),
        ),
        FindingCode.NUMBER_NO_VOICE: (
            _("%(number)s cannot make calls.", number=about),
            _("Choose a number that supports voice in the phone company's console."),
        ),
        FindingCode.NUMBER_NO_SMS: (
            _("%(number)s cannot send text messages, so visitors get none.", number=about),
            _(
                "If you want text messages, choose a number that supports SMS in the phone "
                "company's console."
            ),
        ),
    }.get(code)


def _region_names(about: str) -> str:
    return ", ".join(region_name(region) for region in about.split(", "))


def _route_words(code: FindingCode, about: str) -> tuple[str, str] | None:
    """``about`` is the number, and what is set for it at the carrier."""
    number, _space, address = about.partition(" ")
    shown = {"number": number, "found": address or _("nothing")}
    press = _("To fix this, select “Set these addresses”.")
    return {
        FindingCode.NUMBER_UNCHECKED: (
            _("%(number)s could not be checked.", number=about),
            _("First solve the problem shown for the account. Then select “Check again”."),
        ),
        FindingCode.ROUTES_GOOD: (
            _("Calls and text messages to %(number)s come to this service.", number=number),
            "",
        ),
        FindingCode.VOICE_DEMO: (
            _("No one can reach the helpline: calls to %(number)s go to a demo.", number=number),
            press,
        ),
        FindingCode.VOICE_ELSEWHERE: (
            _("No one can reach the helpline: calls to %(number)s go to %(found)s.", **shown),
            press,
        ),
        FindingCode.VOICE_METHOD: (
            _(
                "No one can reach the helpline: calls to %(number)s arrive as %(found)s, not POST.",
                **shown,
            ),
            press,
        ),
        FindingCode.VOICE_TAKEN: (
            _(
                "Calls to %(number)s go to the application or trunk %(found)s, not to this "
                "service.",
                **shown,
            ),
            press,
        ),
        FindingCode.FALLBACK_MISSING: (
            _(
                "The fallback for calls to %(number)s is not this service. Current setting: "
                "%(found)s.",
                **shown,
            ),
            _("Without it callers hear only an error if the service fails.") + " " + press,
        ),
        FindingCode.STATUS_ELSEWHERE: (
            _(
                "The service is not told when calls to %(number)s end. Current setting: %(found)s.",
                **shown,
            ),
            _("Ended calls are then noticed late.") + " " + press,
        ),
        FindingCode.SMS_ELSEWHERE: (
            _(
                "Text messages to %(number)s do not come to this service. Current setting: "
                "%(found)s.",
                **shown,
            ),
            _("Text messages get no reply.") + " " + press,
        ),
        FindingCode.SMS_METHOD: (
            _("Text messages to %(number)s arrive as %(found)s, not POST.", **shown),
            _("Text messages get no reply.") + " " + press,
        ),
        FindingCode.SMS_TAKEN: (
            _(
                "Text messages to %(number)s go to the application %(found)s, not to this service.",
                **shown,
            ),
            press,
        ),
        FindingCode.SMS_FALLBACK_MISSING: (
            _(
                "The fallback for text messages to %(number)s is not this service. Current "
                "setting: %(found)s.",
                **shown,
            ),
            press,
        ),
    }.get(code)


def _country_words(code: FindingCode, about: str) -> tuple[str, str] | None:
    region, _space, number = about.partition(" ")
    name = region_name(region)
    return {
        FindingCode.TEXTS_GOOD: (
            _("Every text message to %(region)s is registered as it is worded.", region=name),
            "",
        ),
        FindingCode.TEXTS_UNREGISTERED: (
            _(
                "%(region)s delivers registered wordings only. Not registered as worded now: "
                "%(count)s. These text messages are not sent.",
                region=name,
                count=number,
            ),
            _("Register them, then enter their template IDs on the Text registration page."),
        ),
        FindingCode.ROUTE_NO_ACCOUNT: (
            _("No account is set up for the phone company that is to call some regions."),
            _(
                "Another phone company calls them meanwhile. Set up the account again, or choose "
                "another company on the Calls page."
            ),
        ),
        FindingCode.CALLER_ID_NOT_INTO: (
            _(
                "This phone company does not connect calls from %(number)s to %(region)s. It "
                "connects calls only from numbers of other countries.",
                number=number,
                region=name,
            ),
            _(
                "Buy a number from another country there, for example the United Kingdom or the "
                "United States, and set it for %(region)s on the Calls page. Visitors read that "
                "a number from another country will call. Or call %(region)s through another "
                "phone company. Until then, advisors can call from their own phones.",
                region=name,
            ),
        ),
        FindingCode.CALLER_ID_DOMESTIC: (
            _(
                "Calls from %(number)s to %(region)s are not connected: this phone company "
                "connects calls from there within the country only.",
                number=number,
                region=name,
            ),
            _(
                "Choose another phone company or number for %(region)s on the Calls page.",
                region=name,
            ),
        ),
        FindingCode.TEXTS_ONE_WAY: (
            _(
                "No one in %(region)s can answer text messages from the helpline, or send any "
                "through this phone company.",
                region=name,
            ),
            _(
                "Our text messages there do not ask for an answer. Do not ask for any elsewhere. "
                "Visitors can use the website or call."
            ),
        ),
        FindingCode.SENDER_REGISTERED: (
            _("Text messages to %(region)s arrive only from a registered sender.", region=name),
            _("Register it with the phone company, and expect some weeks. See docs/carriers.md."),
        ),
    }.get(code)


def _address_words(code: FindingCode, about: str, adapter: Adapter) -> tuple[str, str] | None:
    return {
        FindingCode.ADDRESS_GOOD: (
            _(
                "%(address)s reaches this service, and the phone company's signature is valid.",
                address=about,
            ),
            "",
        ),
        FindingCode.ADDRESS_LOCAL: (
            _("The phone company cannot reach %(address)s from the internet.", address=about),
            _("Set HELPLINE_PUBLIC_URL to the address that visitors use."),
        ),
        FindingCode.ADDRESS_PLAIN: (
            _("%(address)s is not encrypted.", address=about),
            _(
                "Install a certificate on the proxy and set HELPLINE_PUBLIC_URL to an https:// "
                "address."
            ),
        ),
        FindingCode.PROXY_NOT_TRUSTED: (
            _(
                "Requests seem to come through a proxy that is not trusted. All its visitors "
                "share one rate limit."
            ),
            _(
                "Set HELPLINE_TRUSTED_PROXIES to the number of your proxies and restart the "
                "web process. If you have no proxy, a client is sending X-Forwarded-For itself."
            ),
        ),
        FindingCode.ADDRESS_UNREACHABLE: (
            _("Nothing answers at %(address)s.", address=about),
            _(
                "Check that the web process is running, that the proxy forwards to it, and "
                "that the domain name and certificate are correct. This server must be able to "
                "reach its own public address."
            ),
        ),
        FindingCode.ADDRESS_REDIRECTS: (
            _("%(address)s redirects to another address.", address=about),
            _(
                "Set HELPLINE_PUBLIC_URL to the address it redirects to. A signature is valid "
                "for one address only."
            ),
        ),
        FindingCode.ADDRESS_NOT_OURS: (
            _("Another service answers at %(address)s.", address=about),
            _("Set the proxy to forward /webhooks/ to this service unchanged, including the body."),
        ),
        FindingCode.SIGNATURE_REFUSED: (
            _("The service refused a correctly signed request at %(address)s.", address=about),
            _(
                "Give the web process and the worker the same HELPLINE_PUBLIC_URL and the same "
                "token, and restart both. The proxy must forward the header %(header)s, the "
                "path and the body unchanged.",
                header=adapter.signature_header,
            ),
        ),
        FindingCode.TOKEN_NOT_KNOWN: (
            _(
                "The service at %(address)s does not accept all configured auth tokens and keys.",
                address=about,
            ),
            _(
                "Restart all web processes and workers before you promote the secondary auth "
                "token in the phone company's console. Otherwise calls are cut off at that moment."
            ),
        ),
        FindingCode.SIGNATURE_UNCHECKED: (
            _("The service accepted a wrongly signed request at %(address)s.", address=about),
            _("Take the service off the internet. Anyone could pretend to be the phone company."),
        ),
    }.get(code)


def _machine_words(code: FindingCode, about: str) -> tuple[str, str] | None:
    return {
        FindingCode.KEYS_GOOD: (_("The database matches the keys on this server."), ""),
        FindingCode.KEYS_WRONG: (
            _(
                "The database was written with different keys from %(settings)s on this server.",
                settings=about,
            ),
            _("Restore the helpline.env that belongs to this database, then restart."),
        ),
        FindingCode.WORKER_ALIVE: (_("The worker is running."), ""),
        FindingCode.WORKER_NEVER: (
            _("The worker has never run. No calls are being made."),
            _("Start it with: flask helpline worker"),
        ),
        FindingCode.WORKER_SILENT: (
            _(
                "The worker has not responded for %(minutes)s minutes. No calls are being made.",
                minutes=about,
            ),
            _("Its log shows why it stopped. Restart it with: flask helpline worker"),
        ),
        FindingCode.CLOCK_GOOD: (_("This server's clock matches the phone company's clock."), ""),
        FindingCode.CLOCK_UNKNOWN: (
            _("This server's clock could not be compared with another clock."),
            "",
        ),
        FindingCode.CLOCK_OFF: (
            _("This server's clock is off by %(seconds)s seconds.", seconds=about),
            _("Turn on time synchronisation (NTP). Opening hours depend on this clock."),
        ),
        FindingCode.CLOCK_SIMULATED: (
            _("The clock is simulated for testing."),
            _("Unset HELPLINE_CLOCK_OFFSET_SECONDS before you open to visitors."),
        ),
        FindingCode.CLOCKS_DIFFER: (
            _(
                "The worker's clock is %(seconds)s seconds ahead of this server's clock.",
                seconds=about,
            ),
            _("Turn on time synchronisation (NTP) on both servers."),
        ),
        FindingCode.ZONES_GOOD: (
            _("The time zone is known. Its data is version %(version)s.", version=about),
            "",
        ),
        FindingCode.ZONES_OLD: (
            _(
                "The time zone data on this server is out of date (%(version)s).",
                version=about or "?",
            ),
            _("Update the system package tzdata, then restart."),
        ),
        FindingCode.ZONES_DIFFER: _zones_differ(about),
        FindingCode.ZONE_UNKNOWN: (
            _("The time zone %(zone)s is not known on this server.", zone=about),
            _("Install the system package tzdata, then restart."),
        ),
    }.get(code)


def _zones_differ(about: str) -> tuple[str, str]:
    """``about`` is the zone, the date, the system's release, the package's release."""
    zone, day, system, packaged = (*about.split(), *[""] * 4)[:4]
    return (
        _(
            "The time zone data of the system (%(system)s) and of the package "
            "(%(packaged)s) differ for %(zone)s from %(day)s. The newer version is used.",
            system=system,
            packaged=packaged,
            zone=zone,
            day=day,
        ),
        _(
            "Update the system package tzdata, so that other programs on this server use "
            "the same time. Then restart."
        ),
    )
