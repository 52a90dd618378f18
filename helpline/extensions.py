"""Flask extensions, bound to each application by ``create_app``.

Flask-Security keeps an application's configuration in its own object: see web/auth/sign_in.
"""

from __future__ import annotations

from flask_babel import Babel
from flask_compress import Compress
from flask_wtf.csrf import CSRFProtect

babel = Babel()
compress = Compress()
csrf = CSRFProtect()
