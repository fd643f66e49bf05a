"""What is plugged in is found, named by what stays the same, and found again at another place."""

from pathlib import Path

import pytest

from devices.discovery import Found, discover, unbound
from devices.identity import locate
from tests.devices.sysfs import BUTTON_BITS, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def found(machine: Machine) -> list[tuple[str, str]]:
    return [(Path(one.path).name, one.stable) for one in discover(machine.sys, machine.dev)]


def test_an_empty_machine_has_nothing(machine: Machine) -> None:
    assert discover(machine.sys, machine.dev) == []


def test_each_sort_is_found_where_it_is(machine: Machine) -> None:
    machine.plug("tty", "ttyACM0", "1-1.4", serial="S123")
    machine.plug("usbmisc", "lp0", "1-2", ids="04b8:0e15", serial="P9", product="TM-T88V")
    machine.keyboard(5, "1-3", ids="05e0:1200", serial="K1")

    assert discover(machine.sys, machine.dev) == [
        Found("keyboard", str(machine.dev / "input/event5"), "usb:05e0:1200:K1", "Acme Scanner"),
        Found("serial line", str(machine.dev / "ttyACM0"), "usb:0c2e:0b61:S123", "Acme Scanner"),
        Found("printer", str(machine.dev / "usb/lp0"), "usb:04b8:0e15:P9", "Acme TM-T88V"),
    ]


def test_twins_are_told_apart_by_their_sockets(machine: Machine) -> None:
    machine.plug("tty", "ttyACM0", "1-1", serial="0000")
    machine.plug("tty", "ttyACM1", "1-2", serial="0000")
    machine.plug("tty", "ttyUSB0", "1-3", ids="067b:2303")

    assert found(machine) == [
        ("ttyACM0", "usb:0c2e:0b61@1-1"),
        ("ttyACM1", "usb:0c2e:0b61@1-2"),
        ("ttyUSB0", "usb:067b:2303@1-3"),
    ]


def test_lines_of_the_board_count_where_there_is_a_chip(machine: Machine) -> None:
    machine.solder("ttyS0", "4")
    machine.solder("ttyS1", "0")

    assert found(machine) == [("ttyS0", str(machine.dev / "ttyS0"))]


def test_buttons_and_other_usb_files_are_no_scanners_and_printers(machine: Machine) -> None:
    machine.keyboard(0, "1-1", bits=BUTTON_BITS)
    machine.plug("input", "mouse0", "1-2")
    machine.plug("usbmisc", "hiddev0", "1-3")

    assert found(machine) == []


def test_an_offer_is_an_entry_that_settings_take(machine: Machine) -> None:
    machine.plug("usbmisc", "lp0", "1-2", ids="04b8:0e15", serial="P9")
    (printer,) = discover(machine.sys, machine.dev)

    assert printer.offers("till") == [{"kind": "printer", "make": "escpos", "name": "till", "path": "usb:04b8:0e15:P9"}]


def test_a_device_is_found_again_under_another_number(machine: Machine) -> None:
    machine.plug("tty", "ttyACM0", "1-1.4", serial="S123")
    assert locate("usb:0c2e:0b61:S123", "tty", machine.sys, machine.dev) == str(machine.dev / "ttyACM0")

    machine.unplug("tty", "ttyACM0")
    with pytest.raises(FileNotFoundError, match="no usb:0c2e:0b61:S123 is plugged in"):
        locate("usb:0c2e:0b61:S123", "tty", machine.sys, machine.dev)
    machine.plug("tty", "ttyACM7", "1-2", serial="S123")

    assert locate("usb:0c2e:0b61:S123", "tty", machine.sys, machine.dev) == str(machine.dev / "ttyACM7")


def test_a_socket_names_whatever_model_is_in_it(machine: Machine) -> None:
    machine.plug("tty", "ttyACM0", "1-1")
    machine.plug("tty", "ttyACM1", "1-1.4")

    assert locate("usb:0c2e:0b61@1-1.4", "tty", machine.sys, machine.dev) == str(machine.dev / "ttyACM1")


def test_a_scanner_in_keyboard_mode_is_found_again_whatever_else_it_brings(machine: Machine) -> None:
    machine.keyboard(5, "1-3", ids="05e0:1200", serial="K1")
    machine.keyboard(6, "1-3", ids="05e0:1200", serial="K1", bits=BUTTON_BITS, line="1.1")  # its media keys

    assert found(machine) == [("event5", "usb:05e0:1200:K1")]
    assert locate("usb:05e0:1200:K1", "input", machine.sys, machine.dev) == str(machine.dev / "input/event5")


def test_a_printer_with_another_file_of_its_own_is_found_by_its_serial_number(machine: Machine) -> None:
    machine.plug("usbmisc", "hiddev0", "1-2", ids="04b8:0e15", serial="P9", line="1.1")
    machine.plug("usbmisc", "lp0", "1-2", ids="04b8:0e15", serial="P9")

    assert locate("usb:04b8:0e15:P9", "usbmisc", machine.sys, machine.dev) == str(machine.dev / "usb/lp0")


def test_each_line_of_an_adapter_with_several_has_a_name_of_its_own(machine: Machine) -> None:
    for number in range(4):
        machine.plug("tty", f"ttyUSB{number}", "1-1.4", ids="0403:6011", serial="FT1", line=f"1.{number}")

    assert found(machine) == [(f"ttyUSB{number}", f"usb:0403:6011@1-1.4:1.{number}") for number in range(4)]
    for one in discover(machine.sys, machine.dev):
        assert locate(one.stable, "tty", machine.sys, machine.dev) == one.path


def test_two_devices_of_one_name_are_not_guessed_between(machine: Machine) -> None:
    machine.plug("tty", "ttyACM0", "1-1", serial="0000")
    machine.plug("tty", "ttyACM1", "1-2", serial="0000")

    with pytest.raises(FileNotFoundError, match="2 devices are usb:0c2e:0b61:0000: name the socket, or its line"):
        locate("usb:0c2e:0b61:0000", "tty", machine.sys, machine.dev)


@pytest.mark.parametrize("path", ["/dev/store/scanner0", "usb:zz", "usb:0c2e:0b61", ""])
def test_what_is_no_identity_is_a_path(machine: Machine, path: str) -> None:
    assert locate(path, "tty", machine.sys, machine.dev) == path


def test_what_is_bound_already_is_not_offered(machine: Machine) -> None:
    machine.plug("tty", "ttyACM0", "1-1", serial="A")
    machine.plug("tty", "ttyACM1", "1-2", serial="B")
    machine.plug("tty", "ttyACM2", "1-3", serial="C")
    machine.dev.mkdir()
    (machine.dev / "ttyACM2").touch()
    (machine.dev / "scanner0").symlink_to(machine.dev / "ttyACM2")

    left = unbound(discover(machine.sys, machine.dev), ["usb:0c2e:0b61:A", str(machine.dev / "scanner0")])

    assert [one.stable for one in left] == ["usb:0c2e:0b61:B"]
