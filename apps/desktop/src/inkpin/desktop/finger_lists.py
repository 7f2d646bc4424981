"""The lists that comboboxes open have rows as high as a finger, and are pulled by one.

Tk's own is a listbox, whose rows are as high as a line of text. A tree takes its place, with what
Tk does with the listbox said of it; all the rest of a combobox is as it was. What is replaced has
the same names and arguments in Tk 8.6.13 to 9.1.
"""

import tkinter as tk

STYLE = "Choices.Treeview"
"""Of the lists, for the theme."""

_LISTS = """
namespace eval ::ttk::combobox {
    variable pulled
    proc PopdownWindow {box} {
        if {[winfo exists $box.popdown]} { return $box.popdown }
        PopdownToplevel $box.popdown
        set frame [ttk::frame $box.popdown.f -style ComboboxPopdownFrame]
        set list [ttk::treeview $frame.l -show tree -selectmode browse -style Choices.Treeview \
            -yscrollcommand [list $frame.sb set]]
        $list column #0 -width 1
        ttk::scrollbar $frame.sb -command [list $list yview]
        bindtags $list [list $list ComboboxListbox Treeview $frame all]
        grid $list $frame.sb -sticky nsew -pady 1
        grid columnconfigure $frame 0 -weight 1
        grid rowconfigure $frame 0 -weight 1
        pack $frame -fill both -expand 1
        return $box.popdown
    }
    proc ConfigureListbox {box} {
        variable Values
        variable pulled
        set pulled 0
        set frame [PopdownWindow $box].f
        set Values($box) [$box cget -values]
        $frame.l delete [$frame.l children {}]
        set place -1
        foreach value $Values($box) { $frame.l insert {} end -id [incr place] -text $value }
        set high [ttk::style lookup Choices.Treeview -rowheight]
        set above [winfo rooty $box]
        set below [expr {[winfo screenheight $box] - $above - [winfo height $box]}]
        set room [expr {max(max($above, $below) / $high - 1, 1)}]
        set rows [llength $Values($box)]
        set shown [expr {min($rows, [$box cget -height], $room)}]
        $frame.l configure -height $shown
        if {$rows > $shown} { grid $frame.sb } else { grid remove $frame.sb }
        if {$rows} {
            set current [expr {max([$box current], 0)}]
            $frame.l selection set $current
            $frame.l focus $current
            $frame.l see $current
        }
    }
    proc LBSelect {list} {
        set chosen [lindex [$list selection] 0]
        set box [winfo parent [winfo parent [winfo parent $list]]]
        if {$chosen ne ""} { SelectEntry $box $chosen }
    }
    proc LBHover {list x y} {
        set row [$list identify item $x $y]
        if {$row ne ""} { $list selection set $row; $list focus $row }
    }
    proc LBPull {list x y} {
        variable pulled
        variable held
        if {[$list yview] eq {0.0 1.0}} { return [LBHover $list $x $y] }
        set high [ttk::style lookup Choices.Treeview -rowheight]
        set rows [expr {int(double($held - $y) / $high)}]
        if {$rows} {
            set pulled 1
            $list yview scroll $rows units
            set held $y
        }
    }
    proc LBRelease {list} {
        variable pulled
        if {$pulled} { set pulled 0 } else { LBSelected $list }
    }
}
bind ComboboxListbox <Button-1> { set ::ttk::combobox::held %y }
bind ComboboxListbox <B1-Motion> { ::ttk::combobox::LBPull %W %x %y; break }
bind ComboboxListbox <ButtonRelease-1> { ::ttk::combobox::LBRelease %W }
"""


def fit_lists(root: tk.Tk) -> None:
    """Have the lists of all comboboxes of an application fit a finger.

    On a Mac, whose Tk 9 opens a menu of the system's in their place, they stay as they are.
    """
    if root.tk.call("tk", "windowingsystem") != "aqua":
        root.tk.eval(_LISTS)
