"""Every row of what the lock does, one test each."""

import pytest

from inkpin.lock import MARK, Config, Effect, Event, MemoryHooks, Message, State, decode, is_common

PIN, OTHER = "3141", "2718"


def test_first_use_asks_for_a_pin(desk):
    assert desk.look() == (State.CHOOSE, Message.NONE)
    assert (desk.lock.filled, desk.lock.shown, desk.lock.attempts_left) == (0, None, 10)


def test_setting_a_pin_takes_it_twice(desk):
    assert desk.write(PIN) == [Effect.DIGIT] * 4
    assert desk.do(Event.ENTER) == Effect(0)
    assert desk.look() == (State.REPEAT, Message.NONE)
    assert desk.enter(PIN) == Effect.SET
    assert desk.look() == (State.LOCKED, Message.SET)


def test_a_different_repetition_starts_over(desk):
    desk.enter(PIN)
    assert desk.enter(OTHER) == Effect(0)
    assert desk.look() == (State.CHOOSE, Message.DIFFERENT)
    assert desk.hooks.slots == [b"", b""]


COMMON = ["0000", "1004", "1111", "1212", "1234", "2000", "2222", "4444", "6969", "7777"]
RULED = ["11111", "12345", "98765", "89012", "24680", "12121", "12321", "90909"]
RULED += ["112233", "123123", "123321", "696969", "1234321", "1231231", "12341234", "12344321"]


@pytest.mark.parametrize("pin", COMMON + RULED)
def test_common_pins_are_refused(make_desk, changing, pin):
    desk = make_desk()
    desk.enter(pin)
    assert desk.look() == (State.CHOOSE, Message.COMMON)
    assert desk.lock.filled == 0
    changing.enter(pin)
    assert changing.look() == (State.CHANGE_NEW, Message.COMMON)


@pytest.mark.parametrize("pin", ["31415", "12346", "112234", "123124", "12341235", "10041005"])
def test_others_are_taken(make_desk, pin):
    desk = make_desk()
    desk.enter(pin)
    assert desk.lock.state == State.REPEAT


@pytest.mark.parametrize(("length", "common"), [(3, 0), (4, 10), (5, 1900)])
def test_how_many_pins_are_common(length, common):
    pins = (f"{number:0{length}}".encode() for number in range(10**length))
    assert sum(map(is_common, pins)) == common


@pytest.mark.parametrize("pin", ["3141", "31415", "314159", "3141592", "31415926"])
def test_a_pin_has_four_to_eight_digits_and_all_of_them_count(desk, pin):
    desk.enter(pin)
    assert desk.enter(pin) == Effect.SET
    others = {pin[:-1], pin + "5", pin[::-1], "2718", "27182818"} - {pin}
    for other in sorted(other for other in others if 4 <= len(other) <= 8):
        assert desk.enter(other) == Effect.REFUSED
        desk.wait(600_000)
    assert desk.enter(pin) == Effect.OPENED


def test_a_repetition_has_the_same_length(desk):
    desk.enter("31415")
    desk.enter("3141")
    assert desk.look() == (State.CHOOSE, Message.DIFFERENT)


def test_the_record_does_not_tell_the_length(make_desk):
    sizes = set()
    for pin in ("3141", "31415926"):
        desk = make_desk(hooks=MemoryHooks(bytes))
        desk.enter(pin)
        desk.enter(pin)
        records = [decode(slot) for slot in desk.hooks.slots]
        sizes.add(tuple((len(slot), *slot[:28]) for slot in desk.hooks.slots))
        assert all(records)
    assert len(sizes) == 1


def test_clear_takes_back_a_place_then_the_choice(desk):
    desk.enter(PIN)
    desk.write("31")
    assert desk.lock.shown == 1
    desk.do(Event.CLEAR)
    assert (desk.lock.filled, desk.lock.shown) == (1, None)
    desk.do(Event.CLEAR)
    assert desk.look() == (State.REPEAT, Message.NONE)
    desk.do(Event.CLEAR)
    assert desk.look() == (State.CHOOSE, Message.NONE)
    desk.do(Event.CLEAR)
    assert desk.look() == (State.CHOOSE, Message.NONE)


def test_a_misread_digit_can_be_taken_back(locked):
    locked.write("3149")
    locked.do(Event.CLEAR)
    assert locked.enter("1") == Effect.OPENED


def test_the_right_pin_opens(locked):
    assert locked.enter(PIN) == Effect.OPENED
    assert locked.look() == (State.OPEN, Message.NONE)


def test_enter_locks_an_open_lock(opened):
    assert opened.do(Event.ENTER) == Effect.LOCKED
    assert opened.look() == (State.LOCKED, Message.NONE)


def test_an_open_lock_locks_by_itself(opened):
    assert opened.wait(29_999) == Effect(0)
    assert opened.wait(1) == Effect.LOCKED
    assert opened.lock.state == State.LOCKED


def test_time_comes_before_the_event(opened):
    opened.now += 40_000
    assert opened.do(Event.CLEAR) == Effect.LOCKED
    assert opened.lock.state == State.LOCKED


@pytest.mark.parametrize("event", [Event.DIGIT, Event.UNREAD])
def test_an_open_lock_ignores_ink(opened, event):
    assert opened.do(event, 3) == Effect(0)
    assert opened.look() == (State.OPEN, Message.NONE)
    assert opened.lock.filled == 0


def test_changing_the_pin(opened):
    assert opened.do(Event.CLEAR) == Effect.LOCKED
    assert opened.lock.state == State.CHANGE_OLD
    assert opened.enter(PIN) == Effect(0)
    assert opened.lock.state == State.CHANGE_NEW
    opened.enter(OTHER)
    assert opened.lock.state == State.CHANGE_REPEAT
    assert opened.enter(OTHER) == Effect.SET
    assert opened.look() == (State.LOCKED, Message.CHANGED)
    assert opened.enter(PIN) == Effect.REFUSED
    opened.wait(1000)
    assert opened.enter(OTHER) == Effect.OPENED


def test_changing_with_a_different_repetition(changing):
    changing.enter(OTHER)
    changing.enter(PIN)
    assert changing.look() == (State.CHANGE_NEW, Message.DIFFERENT)


def test_changing_counts_a_wrong_old_pin(opened):
    opened.do(Event.CLEAR)
    assert opened.enter(OTHER) == Effect.REFUSED
    assert opened.look() == (State.WAITING, Message.WRONG)
    opened.wait(1000)
    assert opened.lock.state == State.LOCKED


def test_an_idle_change_ends(changing):
    changing.wait(29_000)
    changing.do(Event.UNREAD)
    assert changing.wait(29_999) == Effect(0)
    assert changing.lock.state == State.CHANGE_NEW
    assert changing.wait(1) == Effect(0)
    assert changing.look() == (State.LOCKED, Message.NONE)


@pytest.mark.parametrize("entries", [[], [PIN], [PIN, OTHER]])
def test_clear_leaves_a_change(opened, entries):
    opened.do(Event.CLEAR)
    for entry in entries:
        opened.enter(entry)
    opened.do(Event.CLEAR)
    assert opened.look() == (State.LOCKED, Message.NONE)


def test_a_wrong_pin_waits(locked):
    assert locked.enter(OTHER) == Effect.REFUSED
    assert locked.look() == (State.WAITING, Message.WRONG)
    assert (locked.lock.seconds_left, locked.lock.attempts_left) == (1, 9)
    for event in (Event.DIGIT, Event.UNREAD, Event.ENTER, Event.CLEAR, Event.TRY):
        assert locked.do(event, 3) == Effect(0)
        assert locked.look() == (State.WAITING, Message.WRONG)
    locked.wait(1000)
    assert locked.look() == (State.LOCKED, Message.WRONG)
    assert locked.lock.filled == 0
    locked.write("3")
    assert locked.lock.message == Message.NONE


def test_ten_failures_are_the_end(locked):
    for failed in range(1, 10):
        locked.enter(OTHER)
        assert locked.lock.attempts_left == 10 - failed
        assert locked.lock.seconds_left == 2**failed - 1
        locked.wait(1000 * (2**failed - 1) - 1)
        assert (locked.lock.state, locked.lock.seconds_left) == (State.WAITING, 1)
        locked.wait(1)
        assert locked.lock.state == State.LOCKED
    assert locked.enter(OTHER) == Effect.REFUSED | Effect.FAULT
    assert locked.look() == (State.FAULT, Message.ATTEMPTS)
    for event in set(Event) - {Event.RESET}:
        assert locked.do(event) == Effect(0)
    locked.reboot()
    assert locked.look() == (State.FAULT, Message.ATTEMPTS)
    assert locked.do(Event.RESET) == Effect.RESET
    assert locked.look() == (State.CHOOSE, Message.NONE)
    assert locked.hooks.slots == [MARK, MARK]


def test_success_forgives_failures(locked):
    for _ in range(3):
        locked.enter(OTHER)
        locked.wait(600_000)
    locked.enter(PIN)
    assert locked.lock.attempts_left == 10


def test_a_reboot_keeps_the_failures_and_waits_in_full(locked):
    for _ in range(3):
        locked.enter(OTHER)
        locked.wait(6_000)
    locked.reboot()
    assert locked.look() == (State.WAITING, Message.NONE)
    assert (locked.lock.seconds_left, locked.lock.attempts_left) == (7, 7)


def test_an_open_lock_says_how_long_it_stays_open(make_desk):
    desk = make_desk(Config(iterations=1, open_ms=2**32 - 1))
    desk.enter(PIN)
    desk.enter(PIN)
    assert desk.lock.seconds_left == 0
    desk.enter(PIN)
    assert desk.lock.seconds_left == 4_294_968
    desk.wait(295)
    assert desk.lock.seconds_left == 4_294_967
    desk.do(Event.ENTER)
    assert (desk.lock.state, desk.lock.seconds_left) == (State.LOCKED, 0)


def test_a_reboot_locks(opened):
    opened.reboot()
    assert opened.look() == (State.LOCKED, Message.NONE)


def test_the_clock_may_wrap(make_desk):
    desk = make_desk(now=2**32 - 200)
    desk.enter(PIN)
    desk.enter(PIN)
    desk.enter(OTHER)
    assert desk.now < 2**32 < desk.now + 999
    desk.wait(999)
    assert (desk.lock.state, desk.lock.seconds_left) == (State.WAITING, 1)
    desk.wait(1)
    assert desk.lock.state == State.LOCKED
    desk.now %= 2**32
    assert desk.enter(PIN) == Effect.OPENED


def test_a_digit_shows_for_a_second(locked):
    locked.write("3")
    assert locked.lock.shown == 3
    locked.wait(999)
    assert locked.lock.shown == 3
    locked.wait(1)
    assert locked.lock.shown is None
    locked.write("14")
    assert locked.lock.shown == 4


def test_a_digit_shows_for_a_second_while_the_clock_wraps(make_desk):
    desk = make_desk(now=2**32 - 500)
    desk.write("3")
    desk.now = 489
    assert desk.wait(0) == Effect(0)
    assert desk.lock.shown == 3
    desk.wait(21)
    assert desk.lock.shown is None


def test_no_digit_shows_once_the_places_are_submitted(locked):
    locked.write(OTHER)
    assert locked.lock.shown == 8
    locked.do(Event.ENTER)
    assert (locked.lock.filled, locked.lock.shown) == (0, None)


def test_a_ninth_digit_is_not_taken(desk):
    desk.enter("31415926")
    desk.enter("31415926")
    desk.write("31415926")
    assert desk.write("5") == [Effect(0)]
    assert (desk.lock.filled, desk.lock.message) == (8, Message.FULL)
    assert desk.do(Event.ENTER) == Effect.OPENED


def test_too_few_digits_count_for_nothing(locked):
    slots = list(locked.hooks.slots)
    assert locked.enter("314") == Effect(0)
    assert locked.look() == (State.LOCKED, Message.INCOMPLETE)
    assert (locked.lock.filled, locked.lock.attempts_left) == (3, 10)
    assert locked.hooks.slots == slots


@pytest.mark.parametrize(("event", "symbol"), [(Event.UNREAD, 0), (Event.DIGIT, 10)])
def test_what_is_no_digit_consumes_nothing(locked, event, symbol):
    locked.write("31")
    assert locked.do(event, symbol) == Effect.UNREAD
    assert locked.look() == (State.LOCKED, Message.UNREAD)
    assert locked.lock.filled == 2


def test_a_message_outlives_ticks_only(locked):
    locked.do(Event.UNREAD)
    locked.wait(100_000)
    assert locked.lock.message == Message.UNREAD
    locked.write("3")
    assert locked.lock.message == Message.NONE


def test_try_reads_and_keeps_nothing(locked):
    locked.write("31")
    locked.do(Event.TRY)
    assert (locked.lock.state, locked.lock.filled) == (State.TRY, 0)
    assert locked.write("31415") == [Effect.DIGIT] * 5
    assert (locked.lock.filled, locked.lock.shown) == (0, None)
    assert locked.do(Event.UNREAD) == Effect.UNREAD
    assert locked.do(Event.CLEAR) == Effect(0)
    assert locked.lock.state == State.TRY


@pytest.mark.parametrize("leave", [Event.ENTER, Event.TRY])
def test_leaving_try_locks(make_desk, opened, leave):
    desk = make_desk()
    desk.do(Event.TRY)
    desk.do(leave)
    assert desk.lock.state == State.CHOOSE
    assert opened.do(Event.TRY) == Effect.LOCKED
    opened.do(leave)
    assert opened.look() == (State.LOCKED, Message.NONE)


def test_try_is_out_of_reach_while_a_pin_is_set(make_desk, changing):
    assert changing.do(Event.TRY) == Effect(0)
    assert changing.lock.state == State.CHANGE_NEW
    fresh = make_desk()
    fresh.enter(PIN)
    fresh.do(Event.TRY)
    assert fresh.lock.state == State.REPEAT


@pytest.mark.parametrize("state", ["desk", "locked", "opened", "changing"])
def test_the_factory_reset_works_everywhere(request, state):
    desk = request.getfixturevalue(state)
    assert Effect.RESET in desk.do(Event.RESET)
    assert desk.look() == (State.CHOOSE, Message.NONE)
    assert desk.hooks.slots == [MARK, MARK]


def test_the_pin_is_hashed_with_the_records_own_iterations(locked):
    locked.config = Config(iterations=2)
    locked.reboot()
    assert locked.enter(PIN) == Effect.OPENED


def test_places_are_wiped(locked):
    locked.write("314")
    locked.do(Event.CLEAR)
    assert bytes(locked.lock._places) == b"31".ljust(8, b"\0")
    locked.do(Event.TRY)
    assert not any(locked.lock._places)


def test_the_chosen_pin_is_wiped_once_stored(desk):
    desk.enter(PIN)
    assert bytes(desk.lock._first) == PIN.encode().ljust(8, b"\0")
    desk.enter(PIN)
    assert not any(desk.lock._first)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shortest", 0),
        ("longest", 3),
        ("longest", 9),
        ("alphabet", 1),
        ("alphabet", 11),
        ("iterations", 0),
        ("iterations", 1_000_001),
        ("max_failures", 0),
        ("max_failures", 256),
    ],
)
def test_a_config_has_limits(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        Config(**{name: value})


@pytest.mark.parametrize(
    "values", [(1, 1, 2, 1, 0, 0, 1), (8, 8, 10, 10**6, *[2**32 - 1] * 2, 255)]
)
def test_a_config_at_its_limits_is_taken(values):
    assert tuple(vars(Config(*values)).values()) == values


def test_the_real_iterations(make_desk):
    desk = make_desk(Config())
    desk.enter(PIN)
    desk.enter(PIN)
    assert desk.enter(OTHER) == Effect.REFUSED
    desk.wait(1000)
    assert desk.enter(PIN) == Effect.OPENED
