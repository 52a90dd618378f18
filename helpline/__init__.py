"""A helpline's callbacks: asked for, queued, rung, finished."""

from helpline.time_zones import use_newest

use_newest()  # Before any zone is looked up, in every process of the service.
