"""The scenes of a lesson, played slowly or turned one by one."""

import tkinter as tk
from collections.abc import Sequence
from tkinter import ttk

from inkpin.desktop.dialogs.dialog import Dialog
from inkpin.desktop.lock.lesson import Scene
from inkpin.desktop.shell import Shell, bind
from inkpin.preprocess import SIDE
from inkpin.screen.layout import AREA, NUMBERS, PALETTE

# Pixels at a scaling of 1: of a side, where there is room, and of what stands around the picture.
_PIXELS, _BELOW = 420, 210
_LINE = 370  # of a caption at least


class LessonDialog(Dialog):
    """Plays at once; Space holds and goes on, the arrows turn from chapter to chapter.

    Args:
        shell: the window.
        scenes: at least one.
    """

    def __init__(self, shell: Shell, scenes: Sequence[Scene]) -> None:
        super().__init__(shell, "Step by step")
        self._scenes = scenes
        self._place = 0
        self._timer = ""
        most = self.winfo_screenheight() - round(_BELOW * shell.scaling)
        side = min(round(_PIXELS * shell.scaling), most)
        wide = max(side, round(_LINE * shell.scaling))
        self._picture = SceneCanvas(self.body, side)
        self._picture.pack()
        self._chapter = ttk.Label(self.body, style="Strong.TLabel")
        self._chapter.pack(anchor="w", pady=("6p", 0))
        # Three lines of room, so that the buttons stay where they are.
        room = ttk.Frame(self.body, height=round(62 * shell.scaling), width=wide)
        room.pack_propagate(False)
        room.pack(anchor="w")
        self._caption = ttk.Label(room, wraplength=wide)
        self._caption.pack(anchor="nw")
        self._buttons()
        for sequence, run in (
            ("<space>", self._pause),
            ("<Left>", lambda: self._turn(-1)),
            ("<Right>", lambda: self._turn(1)),
        ):
            bind(self, sequence, run)
        self._play()
        self.open()

    def close(self) -> None:
        """Stop playing, and close."""
        self._rest()
        super().close()

    def _buttons(self) -> None:
        row = self.foot
        ttk.Button(row, text="Back  ←", command=lambda: self._turn(-1)).pack(side="left")
        self._holder = ttk.Button(row, command=self._pause)
        self._holder.pack(side="left", padx="6p")
        ttk.Button(row, text="On  →", command=lambda: self._turn(1)).pack(side="left")
        ttk.Button(row, text="Close  Esc", command=self.close).pack(side="right", padx=("6p", 0))
        self.first = self._holder

    def _play(self) -> None:
        scene = self._show()
        if self._place + 1 < len(self._scenes):
            self._timer = self.after(scene.milliseconds, self._next)
            self._holder.configure(text="Hold  Space")
        else:
            self._rest()

    def _next(self) -> None:
        self._place += 1
        self._play()

    def _rest(self) -> None:
        if self._timer:
            self.after_cancel(self._timer)
        self._timer = ""
        ended = self._place + 1 == len(self._scenes)
        self._holder.configure(text="Again  Space" if ended else "Play  Space")

    def _pause(self) -> None:
        if self._timer:
            self._rest()
            return
        if self._place + 1 == len(self._scenes):
            self._place = 0
        self._play()

    def _turn(self, way: int) -> None:
        """Go to the last scene of the chapter before or after this one."""
        chapter = self._scenes[self._place].chapter + way
        places = [i for i, scene in enumerate(self._scenes) if scene.chapter == chapter]
        if places:
            self._place = places[-1]
            self._show()
            self._rest()

    def _show(self) -> Scene:
        scene = self._scenes[self._place]
        chapters = self._scenes[-1].chapter
        self._chapter.configure(text=f"{scene.chapter} of {chapters}")
        self._caption.configure(text=scene.caption)
        self._picture.show(scene)
        return scene


class SceneCanvas(tk.Canvas):
    """One scene, on paper.

    Args:
        parent: the widget around it.
        side: in pixels.
    """

    def __init__(self, parent: tk.Misc, side: int) -> None:
        super().__init__(
            parent, width=side, height=side, background=PALETTE["paper"], highlightthickness=0
        )
        self._side = side

    def show(self, scene: Scene) -> None:
        """Draw a scene in place of the one before."""
        self.delete("all")
        self._draw_cells(scene)
        pen = self._side * NUMBERS["ink_width"] / AREA.w
        over = scene.cells is not None
        for stroke in scene.strokes:
            points = (stroke * self._side).ravel().tolist()
            self.create_line(
                *points,
                *points[-2:],
                fill=PALETTE["enter"] if over else PALETTE["ink"],
                width=max(2, pen / 3) if over else pen,
                capstyle="round",
                joinstyle="round",
            )
        if scene.box:
            edges = [edge * self._side for edge in scene.box]
            self.create_rectangle(*edges, outline=PALETTE["fault"], width=2, dash=(6, 4))
        if scene.centre:
            x, y = (value * self._side for value in scene.centre)
            arm = self._side / 24
            for ends in ((x - arm, y, x + arm, y), (x, y - arm, x, y + arm)):
                self.create_line(*ends, fill=PALETTE["fault"], width=3)

    def _draw_cells(self, scene: Scene) -> None:
        if scene.cells is None:
            return
        pitch = self._side / SIDE
        for row, column in zip(*scene.cells.nonzero(), strict=True):
            x, y = column * pitch, row * pitch
            self.create_rectangle(x, y, x + pitch, y + pitch, fill=PALETTE["ink"], width=0)
        for line in range(SIDE + 1):
            heavy = line == SIDE // 2 and scene.centre is not None
            colour, width = PALETTE["calm" if heavy else "rule"], 2 if heavy else 1
            at = line * pitch
            for ends in ((at, 0, at, self._side), (0, at, self._side, at)):
                self.create_line(*ends, fill=colour, width=width)
