"""What was said to the user goes when what it speaks of has gone or has changed."""

from collections.abc import Callable


def nothing() -> object:
    """Return what never changes: what a remark speaks of that stays until the next one."""
    return None


class Remark:
    """A line that is shown for as long as what it speaks of is as it was.

    Args:
        show: shows a text; "" once there is nothing to say any more.
    """

    def __init__(self, show: Callable[[str], object]) -> None:
        self._show = show
        self._about: Callable[[], object] = nothing
        self._then: object = None
        self._said = False

    def say(self, text: str, about: Callable[[], object] = nothing) -> None:
        """Show a text.

        Args:
            text: in place of the one before; "" to take that away.
            about: returns what it speaks of, to be compared with what it was when this was said.
        """
        self._said = bool(text)
        self._about, self._then = about, about()
        self._show(text)

    def poll(self) -> None:
        """Take the text away if it speaks of what is not so any more."""
        if self._said and self._about() != self._then:
            self.say("")
