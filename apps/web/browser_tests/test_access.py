"""Without eyes, with weak ones, without a finger: names, contrast, the keyboard."""

import pytest

TABS = ("lock", "try", "collect")
LEAST_CONTRAST = 4.5  # WCAG 2.2, AA, for text


def tree(phone):
    """Return what a screen reader is given, as {role, name, focusable}."""
    nodes = phone.do(phone.devtools.send("Accessibility.getFullAXTree"))["nodes"]
    return [
        {
            "role": node["role"]["value"],
            "name": node.get("name", {}).get("value", ""),
            "focusable": any(
                each["name"] == "focusable" and each["value"]["value"]
                for each in node.get("properties", ())
            ),
            "live": next(
                (
                    each["value"]["value"]
                    for each in node.get("properties", ())
                    if each["name"] == "live" and each["value"]["value"] != "off"
                ),
                None,
            ),
        }
        for node in nodes
        if not node["ignored"]
    ]


@pytest.mark.parametrize("tab", TABS)
def test_everything_has_a_name(phone, tab):
    here = phone()
    here.click(f"#{tab}-tab")
    for summary in here.do(here.page.query_selector_all(f"#{tab} summary")):
        here.do(summary.click())
    nodes = tree(here)
    named = [node for node in nodes if node["focusable"] or node["role"] in ("image", "list")]
    assert len(named) >= 6
    assert [node for node in named if not node["name"].strip()] == []
    pens = [node for node in nodes if node["role"] == "application"]
    assert len(pens) == 1  # its arrow keys are the page's, not the reader's
    assert {node["role"] for node in named} <= {
        *("RootWebArea", "tab", "button", "application", "image", "list", "textbox", "checkbox"),
        *("combobox", "DisclosureTriangle", "log", "option", "menulistoption", "MenuListPopup"),
    }


def test_a_reader_hears_the_answer_alone(phone):
    """Not every bar, at every point."""
    here = phone()
    here.click("#try-tab")
    live = here.run(
        """() => [...document.querySelectorAll("#try *")].filter((each) =>
        each.matches("output, [aria-live], [role=status], [role=alert], [role=log]")).length"""
    )
    assert live == 1


def test_the_screen_is_said(phone):
    assert "Choose a PIN" in phone().text("#lock .announce")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(phone, scheme):
    """Against what lies behind it, in every tab."""
    here = phone(color_scheme=scheme)
    for tab in TABS:
        here.click(f"#{tab}-tab")
        for summary in here.do(here.page.query_selector_all(f"#{tab} summary")):
            here.do(summary.click())
        contrasts = here.run(
            """() => {
            const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
            const light = (colour) => {
              const [r, g, b] = numbers(colour).map((v) => v / 255)
                .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
              return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ground = (element) => {
              const colour = getComputedStyle(element).backgroundColor;
              return numbers(colour)[3] === 0 ? ground(element.parentElement) : colour;
            };
            const texts = [...document.querySelectorAll("body *")].filter((element) =>
              element.checkVisibility() && !element.matches(":disabled, .key, .hidden")
              && [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
            return texts.map((element) => {
              const pair = [getComputedStyle(element).color, ground(element)].map(light);
              const [high, low] = pair.sort((a, b) => b - a);
              return [element.textContent.slice(0, 30), (high + 0.05) / (low + 0.05)];
            });
          }"""
        )
        assert len(contrasts) >= 6
        assert [each for each in contrasts if each[1] < LEAST_CONTRAST] == []
