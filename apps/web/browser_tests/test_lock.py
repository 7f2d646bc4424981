"""The lock under a finger: a PIN set, repeated, opened, failed, waited for."""

import pytest

from inkpin.screen import Button
from inkpin.screen.layout import BUTTONS, HEIGHT, WIDTH

NO_WEB_LOCKS = "delete Navigator.prototype.locks;"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"
REFUSED = (
    "Object.defineProperty(window, 'localStorage',"
    " { get() { throw new DOMException('', 'SecurityError'); } });"
)


def enter(phone, samples, hertz=60):
    for sample in samples:
        phone.write(sample, hertz)
        phone.press(Button.ENTER)
    phone.press(Button.ENTER)


def is_open(phone):
    return phone.run("() => document.querySelector('.door').classList.contains('open')")


def slots(phone):
    """Return what the browser keeps for the lock."""
    return phone.run(
        "() => Object.fromEntries(Object.entries(localStorage)"
        ".filter(([name]) => name.startsWith('inkpin/lock/')))"
    )


@pytest.fixture
def locked(phone, pin):
    """A phone whose PIN is set."""

    def opened(**options):
        each = phone(**options)
        for part in (pin[:4], pin[4:8]):
            enter(each, part)
        assert each.serial()[-1] == "State locked"
        return each

    return opened


@pytest.mark.parametrize("hertz", [60, 120])
def test_a_pin_is_set_repeated_and_opens(phone, pin, hertz, url):
    here = phone()
    for part in (pin[:4], pin[4:8], pin[8:]):
        enter(here, part, hertz)
    lines = here.serial()
    assert lines.count("Output *") == 12
    assert [line for line in lines if line.startswith(("State", "PIN"))] == [
        "State choose",
        "State repeat",
        "PIN set",
        "State locked",
        "State open",
    ]
    assert is_open(here)
    here.press(Button.ENTER)
    assert not is_open(here)
    assert {asked.removeprefix(url) for asked in here.asked} <= {"", "sw.js", "app.webmanifest"}


def test_a_file_on_the_disk_does_the_same(phone, pin, file_url):
    here = phone(file_url)
    for part in (pin[:4], pin[4:8], pin[8:]):
        enter(here, part)
    assert is_open(here)
    assert here.asked == [file_url]


def test_a_reload_keeps_the_record_and_the_failures(locked, pin):
    here = locked()
    before = slots(here)
    here.reload()
    here.wait("#lock .serial", "State locked")
    assert slots(here) == before
    enter(here, pin[3::-1])
    assert "Wrong PIN, tries left: 9" in here.serial()
    here.reload()
    here.wait("#lock .serial", "State waiting 1 s")
    here.wait("#lock .announce", "Locked")
    enter(here, pin[:4])
    assert is_open(here)


def test_a_clock_that_is_put_back_shortens_no_wait(locked, pin):
    here = locked()
    enter(here, pin[3::-1])
    here.wait("#lock .announce", "Locked")
    enter(here, pin[3::-1])
    start = here.run("() => { Date.now = () => 0; return performance.now(); }")
    seconds = int(here.serial()[-1].removeprefix("State waiting ").removesuffix(" s"))
    assert seconds > 1
    here.wait("#lock .announce", "Locked")
    assert here.run("() => performance.now()") - start > 1000 * (seconds - 1)


def test_a_palm_presses_nothing(phone):
    here = phone()
    box = BUTTONS[Button.ENTER]
    button = here.place("#lock canvas", box.x + 9, box.y + 9, WIDTH, HEIGHT)
    palm = here.place("#lock canvas", 100, 100, WIDTH, HEIGHT)
    here.touch([[button], [button, palm], [button], []], 60)
    assert here.serial() == ["State choose"]
    here.press(Button.ENTER)
    assert here.serial()[-1] == "PIN incomplete"


def test_a_finger_that_writes_does_not_scroll(phone):
    """On a page that would: anywhere but on the canvas the same finger does."""
    here = phone(viewport={"width": 390, "height": 300}, is_mobile=True)
    here.click(".line summary")
    assert here.run("() => document.documentElement.scrollHeight > innerHeight + 50")
    x, y = here.place("#lock canvas", 120, 200, WIDTH, HEIGHT)
    upwards = [[(x, y - step)] for step in range(0, 100, 2)]
    here.touch([*upwards, []], 60)
    assert here.run("() => scrollY") == 0
    here.press(Button.ENTER)
    assert here.serial()[-1] == "Output *"
    here.run("() => document.querySelector('#lock .small').scrollIntoView({ block: 'end' })")
    before = here.run("() => scrollY")
    assert before > 0
    here.touch([*([(100, 150 + step)] for step in range(0, 100, 2)), []], 60)
    assert here.run("() => scrollY") < before


@pytest.mark.parametrize(
    ("before", "says"), [(FULL, "no room left"), (REFUSED, "keeps no data for this page")]
)
def test_a_storage_that_keeps_nothing_is_said(phone, pin, before, says):
    here = phone(before=before)
    for part in (pin[:4], pin[4:8]):
        enter(here, part)
    here.wait("#lock .notice", says)
    corner, untroubled = (
        each.place("#lock canvas", 0, 0, WIDTH, HEIGHT) for each in (here, phone())
    )
    assert corner == untroubled  # what one writes on stays under the finger
    assert "Fault: storage" in here.serial()
    assert not is_open(here)


def test_a_damaged_record_keeps_the_lock_closed_and_itself(locked, pin):
    here = locked()
    here.run(
        "() => [0, 1].forEach((slot) => localStorage.setItem(`inkpin/lock/${slot}`, 'rubbish'))"
    )
    before = slots(here)
    here.reload()
    here.wait("#lock .serial", "Fault: record unreadable")
    enter(here, pin[:4])
    assert not is_open(here)
    assert slots(here) == before
    here.click(".settings summary")
    here.click(".reset")
    here.wait("#lock .serial", "State choose")


@pytest.mark.parametrize("before", ["", NO_WEB_LOCKS])
def test_of_two_tabs_one_has_the_lock(locked, phone, pin, before):
    first = locked(before=before)
    second = phone(context=first.context, before=before)
    second.wait(".elsewhere", "another tab")
    assert second.do(second.page.is_visible(".elsewhere"))
    assert second.serial() == []
    second.click(".again")
    second.wait("#lock .serial", "State locked")
    first.do(first.page.wait_for_selector(".elsewhere", state="visible"))
    assert not first.run("() => document.activeElement.closest('.stage canvas, .key')")
    heard = first.serial()
    enter(second, pin[:4])
    assert is_open(second)
    assert first.serial() == heard


def test_a_tab_that_slept_writes_nothing(locked, phone, pin):
    """Over plain HTTP, where it is told of nothing while it sleeps: no event, no timer."""
    asleep = """
        const listen = window.addEventListener, every = window.setInterval;
        window.addEventListener = (name, ...words) => name === "storage" || listen(name, ...words);
        window.setInterval = (action, ms) => every(action, ms === 1000 ? 1e9 : ms);
    """
    first = locked(before=NO_WEB_LOCKS + asleep)
    second = phone(context=first.context, before=NO_WEB_LOCKS)
    if not second.serial():
        second.click(".again")
    second.wait("#lock .serial", "State locked")
    before = slots(second)
    enter(first, pin[3::-1])
    assert slots(second) == before
    assert first.do(first.page.is_visible(".elsewhere"))


@pytest.mark.parametrize("held", ["rubbish", "null"])
def test_a_lease_that_nobody_can_read_is_nobodys(phone, held):
    lease = f"localStorage.setItem('inkpin/holder', '{held}');"
    first = phone(before=NO_WEB_LOCKS + f"if (!localStorage.length) {lease}")
    first.wait("#lock .serial", "State choose")
    second = phone(context=first.context, before=NO_WEB_LOCKS)
    second.wait(".elsewhere", "another tab")
    assert second.do(second.page.is_visible(".elsewhere"))


def test_settings_are_the_devices(phone, pin):
    here = phone()
    here.click(".settings summary")
    here.do(here.page.select_option("[name=auto]", "900"))
    here.do(here.page.uncheck("[name=sound]"))
    here.write(pin[0])
    here.wait("#lock .serial", "Output *")  # nobody pressed ENTER
    here.reload()
    here.click(".settings summary")
    assert here.do(here.page.input_value("[name=auto]")) == "900"
    assert not here.do(here.page.is_checked("[name=sound]"))
    assert here.do(here.page.is_checked("[name=vibration]"))
    here.click(".line summary")
    for line in ("set auto 650", "set sound 1"):
        here.do(here.page.fill(".line input", line))
        here.click(".line form button")
    assert here.do(here.page.input_value("[name=auto]")) == "650"
    assert here.do(here.page.is_checked("[name=sound]"))
    assert "@setting" not in here.text("#lock .serial")  # what the page asks is between the two


def test_without_a_network_it_goes_on(locked, url):
    here = locked()
    here.run("() => navigator.serviceWorker.ready.then(() => true)")
    here.do(here.context.set_offline(True))
    here.reload()
    here.wait("#lock .serial", "State locked")
    here.errors.clear()  # the worker's own question for a newer page


def test_by_keyboard_alone(phone):
    here = phone()
    here.key("Tab", "Tab")
    assert here.run("() => document.activeElement.tagName") == "CANVAS"
    here.key(*["ArrowUp"] * 12, "Space", *["ArrowDown"] * 25, "Space", "Enter")
    assert here.serial()[-1] == "Output *"
    here.key("Backspace", "t")
    assert here.serial()[-1] == "State try"
    here.key("Tab", "Enter")
    assert here.run("() => document.activeElement.textContent") == "ENTER"
    assert here.serial()[-1] == "State choose"
