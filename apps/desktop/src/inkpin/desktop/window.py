"""The replica in a window: shows what the session sends, posts what the user does."""

import sys
import tkinter as tk
from collections.abc import Callable
from tkinter import font, messagebox, ttk

from inkpin.desktop.session import Session
from inkpin.desktop.worker import Done, Events, Failed, Line, Patch, Worker
from inkpin.screen import HEIGHT, WIDTH, Button, Touch

POLL_MS = 8
MAX_LINES = 1000
_GROUND = "#e6e1d6"
_HANDLE = "#cbc4b4"
_WORDS = "#1b2436"
_TERMINAL = {"background": "#101828", "foreground": "#d5dcea"}
_KEYS = {
    Button.ENTER: ("<Return>", "<KP_Enter>"),
    Button.CLEAR: ("<BackSpace>", "<Escape>"),
    Button.TRY: ("<t>", "<T>"),
}
_KEYS_TEXT = "Return: ENTER   ·   Backspace: CLEAR   ·   T: TRY   ·   Ctrl+Q: quit"
_PHASES = {
    "<ButtonPress-1>": Touch.DOWN,
    "<B1-Motion>": Touch.MOVE,
    "<ButtonRelease-1>": Touch.UP,
}


class NoWindowError(Exception):
    """No window can be shown here; its text says why and what to do."""


def open_root() -> tk.Tk:
    """Return an application without a visible window yet.

    Raises:
        NoWindowError: there is no display.
    """
    try:
        root = tk.Tk(className="Inkpin")
    except tk.TclError as error:
        raise NoWindowError(
            f"no display ({error}): start it in a desktop session, by `ssh -X` or by `xvfb-run`"
        ) from error
    root.withdraw()
    return root


class Window:
    """The application's window.

    Args:
        root: from open_root().
        worker: the session to show; started and stopped by run().
        throw_away: whether the PIN is forgotten at the end, for the title.
    """

    def __init__(self, root: tk.Tk, worker: Worker, *, throw_away: bool) -> None:
        self._root = root
        self._worker = worker
        self._error: BaseException | None = None
        self._once = self._closed = False
        self._next_poll = ""
        root.title("Inkpin (a replay: nothing is kept)" if throw_away else "Inkpin")
        root.configure(background=_GROUND)
        root.report_callback_exception = self._fail
        _style(root)
        self._serial = _SerialPane(root)
        self._replica = _Replica(root, self._touch)
        footer = self._footer()
        root.columnconfigure(0, weight=1)
        root.rowconfigure(0, weight=1)
        self._replica.canvas.grid(row=0, column=0, sticky="nsew", padx=(12, 6), pady=12)
        self._serial.frame.grid(row=0, column=1, sticky="ns", padx=(6, 12), pady=12)
        footer.grid(row=1, column=0, columnspan=2, sticky="ew", padx=12, pady=(0, 12))
        for button, sequences in _KEYS.items():
            for sequence in sequences:
                root.bind(sequence, lambda _, button=button: self._key(button))
        root.bind("<Control-q>", lambda _: self._close())
        root.protocol("WM_DELETE_WINDOW", self._close)

    def run(self, *, once: bool = False) -> None:
        """Show the window until it is closed, with `once` until the worker's script has ended.

        Raises:
            BaseException: whatever ended the session or the window before that.
        """
        self._once = once
        self._root.deiconify()
        self._replica.canvas.focus_set()
        self._worker.start()
        self._next_poll = self._root.after_idle(self._poll)
        try:
            self._root.mainloop()
        finally:
            self._worker.stop()
        if self._error:
            raise self._error

    def _footer(self) -> ttk.Frame:
        footer = ttk.Frame(self._root)
        ttk.Label(footer, text=_KEYS_TEXT).pack(side="left")
        ttk.Button(footer, text="Factory reset…", command=self._reset).pack(side="right")
        events = ttk.Button(footer, text="Event log…", command=self._worker.ask_events)
        events.pack(side="right", padx=(0, 8))
        return footer

    def _poll(self) -> None:
        """Show what the worker sent."""
        lines: list[str] = []
        updates = self._worker.updates
        while not updates.empty():
            match updates.get():
                case Patch() as patch:
                    self._replica.show(patch)
                case Line(text):
                    lines.append(text)
                case Events(events):
                    self._root.after_idle(self._show_events, events)
                case Done() if self._once:
                    return self._close()
                case Failed(error):
                    self._error = error
                    return self._close()
        if lines:
            self._serial.add(lines)
        self._next_poll = self._root.after(POLL_MS, self._poll)
        return None

    def _touch(self, phase: Touch, x: int, y: int) -> None:
        self._worker.post(lambda session: session.touch(phase, x, y))

    def _key(self, button: Button) -> None:
        self._worker.post(lambda session: session.key(button))

    def _reset(self) -> None:
        if messagebox.askyesno(
            "Factory reset",
            "Forget the PIN and all failed attempts?",
            detail="The lock starts as on its first day. This cannot be undone.",
            icon="warning",
            default="no",
            parent=self._root,
        ):
            self._worker.post(Session.reset)
        self._replica.canvas.focus_set()

    def _show_events(self, events: list[str]) -> None:
        messagebox.showinfo(
            "Event log",
            f"The last {len(events)} events, the newest below",
            detail="\n".join(events),
            parent=self._root,
        )
        self._replica.canvas.focus_set()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._root.after_cancel(self._next_poll)
            self._root.destroy()

    def _fail(self, _kind: type[BaseException], error: BaseException, _trace: object) -> None:
        """Take an error of a callback, Ctrl-C among them, to the end of run()."""
        if not self._closed:  # a dialog that was open then has errors of its own
            self._error = error
            self._close()


class _Replica:
    """The screen, scaled by the largest integer that fits; mouse and finger on it."""

    def __init__(self, root: tk.Tk, touch: Callable[[Touch, int, int], None]) -> None:
        roomy = root.winfo_screenwidth() >= 1400 and root.winfo_screenheight() >= 900
        self._touch = touch
        self._scale = 3 if roomy else 2
        self._screen = tk.PhotoImage(master=root, width=WIDTH, height=HEIGHT)
        self._scaled = tk.PhotoImage(master=root)
        self.canvas = tk.Canvas(
            root,
            width=WIDTH * self._scale,
            height=HEIGHT * self._scale,
            background=_GROUND,
            highlightbackground=_GROUND,
            highlightcolor="#2f6ca3",
            highlightthickness=2,
            takefocus=True,
        )
        self._item = self.canvas.create_image(0, 0, image=self._scaled)
        self._left = self._top = 0
        self.canvas.bind("<Configure>", self._fit)
        for sequence, phase in _PHASES.items():
            self.canvas.bind(sequence, lambda event, phase=phase: self._pointer(phase, event))

    def show(self, patch: Patch) -> None:
        """Paint the part that changed."""
        w, h = patch.image.size
        ppm = b"P6 %d %d 255\n" % (w, h) + patch.image.tobytes()
        self._screen.tk.call(self._screen, "put", ppm, "-format", "ppm", "-to", patch.x, patch.y)
        self._zoom(patch.x, patch.y, w, h)

    def _zoom(self, x: int, y: int, w: int, h: int) -> None:
        scale = self._scale
        self._scaled.tk.call(
            *(self._scaled, "copy", self._screen, "-zoom", scale),
            *("-from", x, y, x + w, y + h, "-to", x * scale, y * scale),
        )

    def _fit(self, event: tk.Event) -> None:
        """Follow the canvas to its new size."""
        scale = max(1, min(event.width // WIDTH, event.height // HEIGHT))
        if scale != self._scale:
            self._scale = scale
            self._scaled.blank()
        self._scaled.configure(width=WIDTH * scale, height=HEIGHT * scale)
        self._zoom(0, 0, WIDTH, HEIGHT)
        self._left = (event.width - WIDTH * scale) // 2
        self._top = (event.height - HEIGHT * scale) // 2
        self.canvas.itemconfigure(self._item, anchor="nw")
        self.canvas.coords(self._item, self._left, self._top)

    def _pointer(self, phase: Touch, event: tk.Event) -> None:
        self.canvas.focus_set()
        x = (event.x - self._left) // self._scale
        y = (event.y - self._top) // self._scale
        self._touch(phase, x, y)


class _SerialPane:
    """The serial line as a terminal would show it: lines to read, select and copy."""

    def __init__(self, root: tk.Tk) -> None:
        self.frame = ttk.Frame(root)
        ttk.Label(self.frame, text="Serial line").pack(anchor="w", pady=(0, 4))
        mono = font.nametofont("TkFixedFont", root=root)
        self._text = tk.Text(
            self.frame,
            width=30,
            height=4,
            font=mono,
            state="disabled",
            wrap="word",
            padx=8,
            pady=6,
            relief="flat",
            highlightbackground=_GROUND,
            highlightcolor="#2f6ca3",
            highlightthickness=2,
            **_TERMINAL,
        )
        bar = ttk.Scrollbar(self.frame, command=self._text.yview)
        self._text.configure(yscrollcommand=bar.set)
        self._text.bind("<Button-1>", lambda _: self._text.focus_set())
        bar.pack(side="right", fill="y")
        self._text.pack(side="left", fill="both", expand=True)

    def add(self, lines: list[str]) -> None:
        """Add lines; keep the end in sight if it was, and no more than MAX_LINES."""
        follow = self._text.dlineinfo("end-1c") is not None
        self._text.configure(state="normal")
        self._text.insert("end", "".join(f"{line}\n" for line in lines))
        surplus = int(self._text.index("end-1c").split(".")[0]) - 1 - MAX_LINES
        if surplus > 0:
            self._text.delete("1.0", f"{surplus + 1}.0")
        self._text.configure(state="disabled")
        if follow:
            self._text.see("end")


def _style(root: tk.Tk) -> None:
    style = ttk.Style(root)
    if sys.platform.startswith("linux"):
        style.theme_use("clam")  # elsewhere the platform's own looks native
    style.configure("TFrame", background=_GROUND)
    style.configure("TScrollbar", troughcolor=_GROUND, bordercolor=_GROUND, background=_HANDLE)
    style.configure("TLabel", background=_GROUND, foreground=_WORDS)
    root.bind_class("TButton", "<Return>", _press)


def _press(event: tk.Event) -> str:
    """Let Return press the button that has the focus, and nothing else."""
    event.widget.invoke()
    return "break"
