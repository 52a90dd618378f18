"""flask helpline add-staff, new-password-link: members of staff, from the terminal."""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_security.utils import hash_password

from helpline import clock
from helpline.cli.keys import require_matching_keys
from helpline.cli.pages import with_pages
from helpline.current import services
from helpline.db import db
from helpline.domain import phone_numbers
from helpline.domain.errors import InvalidPhoneNumber
from helpline.staff import service as staff_service
from helpline.staff.models import Staff
from helpline.staff.password_links import service as password_link_service
from helpline.staff.passwords import normalize_password, weakness
from helpline.web.password_text import weakness_words


@click.command("add-staff")
@click.option("--name", required=True, help="Name shown to colleagues.")
@click.option("--email", required=True, help="E-mail address to sign in with.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(sorted(staff_service.ROLES)),
    help="Role. May be repeated.",
)
@click.option("--phone", help="Phone number to call the advisor on.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    default=("en",),
    help="Language they speak. May be repeated.",
)
@click.password_option(help="At least 12 characters. Prompted for if omitted.")
@with_pages
def add_staff_command(
    name: str,
    email: str,
    roles: tuple[str, ...],
    phone: str | None,
    languages: tuple[str, ...],
    password: str,
) -> None:
    """Add a member of staff, such as the first admin.

    \b
    Examples:
      flask helpline add-staff --name Meera --email meera@example.org --role admin
      flask helpline add-staff --name Asha --email asha@example.org --role advisor \\
          --phone "+91 98765 43210" --language hi --language en
    """
    require_matching_keys()
    add_staff(name, email, roles, phone, languages, password)
    click.echo(f"Member of staff added. They can sign in at {services().settings.public_url}/login")


def add_staff(
    name: str,
    email: str,
    roles: tuple[str, ...],
    phone: str | None,
    languages: tuple[str, ...],
    password: str,
) -> None:
    """Check the operator's input, then add the member of staff."""
    settings = services().settings
    reason = weakness(password, [name, email, settings.site_name])
    if reason is not None:
        raise click.UsageError(f"The password is too weak. {weakness_words(reason)}")
    number = None
    if phone:
        try:
            number = phone_numbers.parse(
                phone, settings.default_region, settings.allowed_regions
            ).e164
        except InvalidPhoneNumber as problem:
            raise click.UsageError(
                f"The phone number cannot be used: {problem.reason}."
            ) from problem
    try:
        staff_service.add_staff(
            name=name,
            email=email,
            password_hash=hash_password(normalize_password(password)),
            roles=roles,
            phone=number,
            languages=languages,
            now=clock.now(),
            actor="operator",
        )
    except staff_service.EmailTaken as taken:
        raise click.UsageError("This e-mail address is already in use.") from taken
    except staff_service.PhoneTaken as taken:
        raise click.UsageError("This phone number already belongs to a member of staff.") from taken


@click.command("new-password-link")
@click.argument("email")
@with_appcontext
def new_password_link_command(email: str) -> None:
    """Print a link for a member of staff to choose a new password, such as the only admin.

    \b
    Example:
      flask helpline new-password-link meera@example.org
    """
    staff = db.session.scalar(sa.select(Staff).where(Staff.email == email.strip().lower()))
    if staff is None or not staff.active:
        raise click.UsageError(f"No active member of staff has the e-mail address {email}.")
    token = password_link_service.create(staff.id, admin_id=None, now=clock.now())
    click.echo(f"{services().settings.public_url}/new-password/{token}")
