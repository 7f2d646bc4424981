import pytest

pytest.importorskip("tkinter", reason="no tkinter: install python3-tk")
from inkpin.desktop.dialogs import places
from inkpin.desktop.root import open_root


@pytest.fixture
def asked(screen, monkeypatch):
    """The options with which the system's dialogs were asked for a place."""
    options = []
    for name in ("askopenfilename", "askdirectory", "asksaveasfilename"):
        monkeypatch.setattr(places.filedialog, name, lambda **given: options.append(given) or "")
    return options


@pytest.mark.parametrize("there", [True, False])
def test_they_begin_in_the_documents_and_hide_what_begins_with_a_dot(
    asked, monkeypatch, tmp_path, there
):
    documents = tmp_path / "Documents"
    if there:
        documents.mkdir()
    monkeypatch.setattr(places, "user_documents_path", lambda: documents)
    monkeypatch.setenv("HOME", str(tmp_path))
    root = open_root()
    try:
        assert places.ask_file(root, "A file") is None
        assert places.ask_folder(root, "A folder") is None
        assert places.ask_new_file(root, "A new file", [".jsonl"]) is None
        hidden = root.tk.call("set", "::tk::dialog::file::showHiddenVar")
    finally:
        root.destroy()
    assert {given["initialdir"] for given in asked} == {str(documents if there else tmp_path)}
    assert not int(hidden)


def test_the_dialog_lists_no_dot_folders(screen, monkeypatch, tmp_path):
    for name in (".hidden", "plain"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(places, "user_documents_path", lambda: tmp_path)
    root = open_root()
    root.deiconify()
    listed = []

    def look():
        dialog = next(
            (c for c in root.tk.splitlist(root.tk.eval("winfo children .")) if "__tk" in c), None
        )
        if dialog and (texts := texts_below(dialog)):
            listed.extend(texts)
            root.tk.eval("set ::tk::Priv(selectFilePath) {}")
        else:
            root.after(50, look)

    def texts_below(name):
        """Return the texts on the canvases below a widget: the names of files and folders."""
        texts = []
        for child in root.tk.splitlist(root.tk.eval(f"winfo children {name}")):
            if root.tk.eval(f"winfo class {child}") == "Canvas":
                items = root.tk.splitlist(root.tk.call(child, "find", "withtag", "all"))
                texts += [
                    root.tk.call(child, "itemcget", item, "-text")
                    for item in items
                    if root.tk.call(child, "type", item) == "text"
                ]
            texts += texts_below(child)
        return texts

    root.after(50, look)
    root.after(20_000, root.destroy)
    assert places.ask_file(root, "A file") is None
    root.destroy()
    assert listed == ["plain"]
