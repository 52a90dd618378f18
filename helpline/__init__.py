"""Contact and callback scheduling service for helplines."""

from helpline.time_zones import use_newest

__version__ = "1.0.0"

use_newest()  # Before any zone is loaded, in every process.
