"""How often one number may be rung, and which is left alone for a while, so nobody is pestered."""
