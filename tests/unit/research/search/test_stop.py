"""Ctrl-C of a search is a question once, and an interrupt from then on."""

from __future__ import annotations

import signal
import threading

import pytest

from hyprl_lab.research.search.stop import Stop


def press() -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def test_the_first_is_heard_and_the_second_interrupts() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stop() as stop:
        assert not stop.is_set()
        press()
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            press()
    assert signal.getsignal(signal.SIGINT) is before


def test_afterwards_it_interrupts_as_before() -> None:
    with Stop():
        press()
    with pytest.raises(KeyboardInterrupt):
        press()


def test_the_handler_before_is_called_and_what_does_not_interrupt_does_not_stop() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        with Stop() as stop:
            press()
            press()
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT, signal.SIGINT]


def test_where_ctrl_c_is_ignored_it_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Stop() as stop:
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            press()
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_leave_the_handler_alone() -> None:
    seen: list[object] = []

    def work() -> None:
        with Stop() as stop:
            seen.extend([signal.getsignal(signal.SIGINT), stop.is_set()])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT), False]


def test_the_token_of_the_caller_sets_it_too() -> None:
    token = threading.Event()
    stop = Stop(token)
    assert not stop.is_set()
    token.set()
    assert stop.is_set()


def test_an_error_gives_the_handler_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="x"), Stop():
        raise ValueError("x")
    assert signal.getsignal(signal.SIGINT) is before
