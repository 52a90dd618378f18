"""How staff come in, and what each may see and change of their own sign-in."""

from helpline.web.door import new_password, own_password, second_step, set_up, you
from helpline.web.door.blueprint import door

__all__ = ["door", "new_password", "own_password", "second_step", "set_up", "you"]
