"""What the screen shows and what a touch on it means, for a desk and for a device alike."""

from pathlib import Path

from inkpin.screen.damage import changed
from inkpin.screen.draw import Anchor, Bitmap, Draw, Ink, Rect, Text, Triangle
from inkpin.screen.layout import HEIGHT, WIDTH, Button
from inkpin.screen.panel import AUTO_MS, InkState, Order, Output, Panel, ShownPrediction, Touch
from inkpin.screen.render import image_size, render
from inkpin.screen.view import cross_view, unread_text, view

C_FOLDER = Path(__file__).parent / "c"
"""The C that does the same: ink_panel.h and .c, ink_view.h and .c, generated/."""

__all__ = [
    "AUTO_MS",
    "C_FOLDER",
    "HEIGHT",
    "WIDTH",
    "Anchor",
    "Bitmap",
    "Button",
    "Draw",
    "Ink",
    "InkState",
    "Order",
    "Output",
    "Panel",
    "Rect",
    "ShownPrediction",
    "Text",
    "Touch",
    "Triangle",
    "changed",
    "cross_view",
    "image_size",
    "render",
    "unread_text",
    "view",
]
