"""The keyboard stays with a dialog, ours or Tk's own, until it is closed."""

import tkinter as tk

DIALOG = "InkpinDialog"
"""The class of our dialogs, for Tk."""

_TK_S_OWN = ("Dialog", "TkFDialog", "TkChooseDir")  # its message boxes, and those for files

# Where no window manager gives the keyboard, Tk has it follow the pointer, out of dialogs too. What
# somebody gave to another program is let go of before the pointer leaves, and stays there. In Tcl,
# as Python knows nothing of Tk's own dialogs. These give a button the keyboard that has yet to
# appear, which Tk forgets if another is given it by force meanwhile: so we wait, for at most 0.5 s.
_KEEP = """
namespace eval ::inkpin {
    variable has
    proc take {window {waits 0}} {
        if {[catch {winfo exists $window} there] || !$there || [focus] ne ""} { return }
        set last [focus -lastfor $window]
        if {$last eq $window && $waits > 0} {
            after 25 [list ::inkpin::take $window [incr waits -1]]
        } else {
            focus -force $last
        }
    }
    proc left {window} {
        variable has
        if {[info exists has($window)]} { after idle [list ::inkpin::take $window] }
    }
    proc gone {window} {
        variable has
        if {[info exists has($window)]} { after idle [list ::inkpin::take .] }
        unset -nocomplain has($window)
    }
}
"""


def keep_keyboard(root: tk.Tk) -> None:
    """Have every dialog of an application keep the keyboard, and give it back to its window."""
    root.tk.eval(_KEEP)
    for kind in (DIALOG, *_TK_S_OWN):
        for sequence, script in (
            ("<FocusIn>", "set ::inkpin::has(%W) 1"),
            ("<FocusOut>", "unset -nocomplain ::inkpin::has(%W)"),
            ("<Leave>", "::inkpin::left %W"),
            ("<Destroy>", "::inkpin::gone %W"),
        ):
            root.tk.call("bind", kind, sequence, f"+{script}")
    for kind in _TK_S_OWN:  # ours take it with all other input
        root.tk.call("bind", kind, "<Map>", "+after idle {::inkpin::take %W 20}")
