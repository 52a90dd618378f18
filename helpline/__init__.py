"""A helpline's callbacks: asked for, queued, rung, finished."""
