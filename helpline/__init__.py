"""Contact and callback scheduling service for helplines."""

from helpline.time_zones import use_newest

use_newest()  # Before any zone is loaded, in every process.
