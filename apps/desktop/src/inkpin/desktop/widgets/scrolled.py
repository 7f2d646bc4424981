"""A panel that scrolls where there is no room for all of it: by bar, wheel, finger or focus."""

import tkinter as tk
from tkinter import ttk

from inkpin.desktop.shell import Shell

_OWN_WHEEL = {"Text", "Listbox", "TCombobox", "TSpinbox", "TScrollbar"}
_DRAGGED = {"TFrame", "TLabel", "Canvas", "Treeview"}  # what a pulling finger does nothing to

_GAP = "3p"  # beside the bar


class Scrolled(ttk.Frame):
    """As wide as what is in it, and as high, if it may be.

    Args:
        parent: the widget around it.
        shell: the window.
        most: pixels of height that it asks for at most; 0 for all that the body takes.

    Attributes:
        body: what scrolls; takes the widgets.
    """

    def __init__(self, parent: tk.Misc, shell: Shell, most: int = 0) -> None:
        super().__init__(parent)
        self._shell = shell
        self._most = most
        self._held: int | None = None
        self._pressed: tk.Misc | None = None  # the keyboard came to it by a finger, not by a key
        self._followed: tk.Misc | None = None  # what is kept in sight, until somebody scrolls
        self._canvas = tk.Canvas(self, highlightthickness=0, borderwidth=0, takefocus=False)
        self._bar = ttk.Scrollbar(self, command=self._scroll)
        self._canvas.configure(yscrollcommand=self._bar.set)
        # The canvas gives it what it asks for: what the body does, and no less than there is.
        self._holder = ttk.Frame(self._canvas)
        self._holder.rowconfigure(0, weight=1)
        self._holder.columnconfigure(0, weight=1)
        self.body = ttk.Frame(self._holder)
        self.body.grid(sticky="nsew")
        self._canvas.create_window(0, 0, window=self._holder, anchor="nw")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._canvas.grid(row=0, column=0, sticky="nsew")
        self._bar.grid(row=0, column=1, sticky="ns", padx=(_GAP, 0))
        self._bar.grid_remove()
        self._holder.bind("<Configure>", lambda _: self._fit())
        self._canvas.bind("<Configure>", lambda _: self._fit())
        for event in ("<<ThemeChanged>>", "<Map>"):  # what is not seen hears of no theme
            self.bind(event, lambda _: self._apply_theme())
        self._bind_window()
        self._apply_theme()

    @property
    def is_whole(self) -> bool:
        """Whether all of it is in sight."""
        return self.body.winfo_reqheight() <= self._canvas.winfo_height()

    @property
    def bar_width(self) -> int:
        """Pixels that it is wider where it scrolls."""
        return self._bar.winfo_reqwidth() + self.winfo_pixels(_GAP)

    def see(self, widget: tk.Misc) -> None:
        """Scroll as little as it takes to have a widget of the body in sight, until one scrolls."""
        self._followed = widget
        if self.is_whole:
            return
        top = widget.winfo_rooty() - self.body.winfo_rooty()
        low = self._canvas.canvasy(0)
        room = self._canvas.winfo_height()
        at = min(max(low, top + widget.winfo_height() - room), top)
        if at != low:
            self._canvas.yview_moveto(at / self.body.winfo_reqheight())

    def _apply_theme(self) -> None:
        self._canvas.configure(background=self._shell.colours.background)

    def _fit(self) -> None:
        """Follow the body, which asks for room, and the window, which gives some."""
        wide, high = self.body.winfo_reqwidth(), self.body.winfo_reqheight()
        self._canvas.configure(width=wide, height=min(high, self._most or high))
        room = self._canvas.winfo_width(), self._canvas.winfo_height()
        self._holder.columnconfigure(0, minsize=room[0])
        self._holder.rowconfigure(0, minsize=room[1])
        self._canvas.configure(scrollregion=(0, 0, room[0], max(high, room[1])))
        if self.is_whole:
            self._bar.grid_remove()
        else:
            self._bar.grid()
        if self._followed:
            self.after_idle(self._follow)

    def _bind_window(self) -> None:
        """Listen at the window, to which the events of all that is in the body come too."""
        window = self.winfo_toplevel()
        for sequence, handle in (
            ("<FocusIn>", self._focused),
            ("<KeyPress>", self._key),
            ("<Button-4>", lambda event: self._wheel(event, -1)),
            ("<Button-5>", lambda event: self._wheel(event, 1)),
            ("<MouseWheel>", lambda event: self._wheel(event, -event.delta / 120)),
            ("<ButtonPress-1>", self._hold),
            ("<B1-Motion>", self._pull),
        ):
            window.bind(sequence, handle, add=True)

    def _has(self, event: tk.Event) -> bool:
        inside = str(event.widget).startswith(f"{self.body}.") or event.widget is self.body
        return inside and bool(self.winfo_viewable())

    def _focused(self, event: tk.Event) -> None:
        """See what has the keyboard, and not the frames around it, which hear of it as well.

        What a finger is on stays where it is.
        """
        has_it = str(event.widget) == str(self.tk.call("focus"))
        if has_it and self._has(event) and event.widget is not self._pressed:
            self.see(event.widget)

    def _key(self, _: tk.Event) -> None:
        self._pressed = None

    def _follow(self) -> None:
        """Keep it in sight where what stands above it has grown."""
        if self._followed and self._followed.winfo_exists():
            self.update_idletasks()  # for it to be where it will be
            self.see(self._followed)

    def _scroll(self, *words: str) -> None:
        self._followed = None
        self._canvas.yview(*words)

    def _wheel(self, event: tk.Event, notches: float) -> None:
        if self._has(event) and event.widget.winfo_class() not in _OWN_WHEEL and not self.is_whole:
            self._scroll("scroll", str(round(3 * notches)), "units")

    def _hold(self, event: tk.Event) -> None:
        self._held, self._pressed = None, event.widget
        if self._has(event) and event.widget.winfo_class() in _DRAGGED and not self.is_whole:
            self._held = event.y_root + round(self._canvas.canvasy(0))

    def _pull(self, event: tk.Event) -> None:
        if self._held is not None:
            share = (self._held - event.y_root) / self.body.winfo_reqheight()
            self._scroll("moveto", str(share))
