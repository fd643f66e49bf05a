"""Looking up what was scanned: found for certain, or an error that says what to do. Nothing is guessed."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.catalogue import storage
from edge.catalogue.models import (
    AmbiguousBarcode,
    DamagedCatalogue,
    NoPrice,
    NoTaxRate,
    NotByWeightYet,
    StoreNotReady,
    UnknownBarcode,
)
from edge.catalogue.open_catalogue import Catalogue
from edge.shop import Shop
from shared.barcodes import TEXT_MAX, DamagedBarcode, NamesNoProduct
from shared.errors import NotFound, ShopwrightError
from tests.edge.small_shop import (
    BARCODES,
    DRINKS,
    MUGS,
    assortment,
    price,
    product,
    promotion,
    publish,
    setting,
    snapshot_of,
    swap_in,
)


@pytest.mark.parametrize(
    ("sku", "text"),
    [
        ("oil", "73513537"),  # GTIN-8
        ("soap", "036000291452"),  # GTIN-12
        ("soap", "0036000291452"),  # the same as 13 digits
        ("soap", "00036000291452"),  # and as 14
        ("milk", "5000128104517"),  # GTIN-13
        ("milk", "  5000128104517 "),  # as somebody types it
        ("crate", "15400141288763"),  # GTIN-14
        ("crate", "(01)15400141288763(10)LOT7(17)291231"),
        ("milk", "0105000128104517" + "21A1\x1d10LOT7"),
        ("milk", "0105000128104517" + "17999999"),  # a wrong date beside a right number
        ("milk", "https://id.gs1.org/01/05000128104517/10/LOT7"),
        ("mug", "2000000000015"),  # a number of the shop's own
        ("bag", "SHELF-7"),  # no number at all
    ],
)
def test_a_product_is_found_by_any_form_of_its_code(shop: Shop, sku: str, text: str) -> None:
    assert shop.catalogue.scanned(text).product.sku == sku


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("4001234567891", UnknownBarcode, "4001234567891"),
        ("SHELF-8", UnknownBarcode, "SHELF-8"),
        ("shelf-7", UnknownBarcode, "shelf-7"),  # a code is not a word: capitals count
        ("7351353", UnknownBarcode, "7351353"),  # seven digits are no GTIN-8 that lost one
        (BARCODES["twin"], AmbiguousBarcode, BARCODES["twin"]),
        ("5000128104518", DamagedBarcode, "check digit"),
        ("", DamagedBarcode, "empty"),
        ("5" * (TEXT_MAX + 1), DamagedBarcode, "longer than"),
        ("50001\x0028104517", DamagedBarcode, "unreadable"),
        ("5000\x1d128104517", DamagedBarcode, "there is no AI"),
        ("(00)106141412345678908", NamesNoProduct, "no GTIN"),
        ("(01)05000128104517(3103)001250", NotByWeightYet, "Milk"),
        ("M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100", NamesNoProduct, "boarding pass"),
        ("https://example.com/milk", UnknownBarcode, "example.com"),
        (BARCODES["vase"], NoPrice, "Priceless vase"),
        (BARCODES["knife"], NoTaxRate, "luxury"),
    ],
)
def test_what_cannot_be_sold_is_told_by_its_own_error(
    shop: Shop, text: str, error: type[ShopwrightError], says: str
) -> None:
    with pytest.raises(error) as told:
        shop.catalogue.scanned(text)

    assert says in told.value.title
    assert told.value.hint


def test_what_the_scanner_says_of_the_symbol_counts(shop: Shop) -> None:
    assert shop.catalogue.scanned("500012810451712", "EAN + add-on").product.sku == "milk"
    with pytest.raises(DamagedBarcode):
        shop.catalogue.scanned("036000291452", "EAN-13/UPC")  # a digit is missing


def test_an_ambiguous_code_names_the_products_to_choose_from(shop: Shop) -> None:
    with pytest.raises(AmbiguousBarcode) as told:
        shop.catalogue.scanned(BARCODES["twin"])

    assert "Twin A, Twin B" in told.value.title
    assert "Pick" in told.value.hint


@pytest.mark.parametrize(("sku", "error"), [("vase", NoPrice), ("knife", NoTaxRate), ("nothing", NotFound)])
def test_a_picked_product_is_refused_for_the_same_reasons(shop: Shop, sku: str, error: type[ShopwrightError]) -> None:
    with pytest.raises(error):
        shop.catalogue.picked(sku)


async def test_a_box_without_its_settings_says_so_and_then_sells(tmp_path: Path) -> None:
    with closing(Catalogue(tmp_path)) as catalogue:
        for ask in (catalogue.scanned, catalogue.picked):
            with pytest.raises(StoreNotReady):
                ask("SHELF-7")
        assert not catalogue.is_ready

        await publish(catalogue, *assortment())

        assert catalogue.is_ready
        assert catalogue.scanned("SHELF-7").price_minor == 0


async def test_products_are_found_by_words_in_any_case_of_any_script(shop: Shop) -> None:
    await publish(
        shop.catalogue,
        product("coffee", "Ελληνικός Καφές 200 g"),
        product("halva", "חלבה וניל"),
        product("street", "Straße-Schokolade"),
        product("percent", "100% Juice_Box"),
    )

    async def found(text: str) -> list[str]:
        return [offer.product.sku for offer in await shop.catalogue.search(text, ("", ""), 50)]

    assert await found("καφέσ") == ["coffee"]  # a final sigma is a sigma
    assert await found("ΕΛΛΗΝΙΚΌΣ g") == ["coffee"]
    assert await found("וניל חלבה") == ["halva"]
    assert await found("STRASSE") == ["street"]
    assert await found("100%") == ["percent"]  # no wildcards
    assert await found("%") == ["percent"]
    assert await found("COFFEE") == ["coffee"]  # by sku, too
    assert await found("milk nothing") == []


@pytest.mark.parametrize("page_size", [1, 3, 12, 13])
async def test_pages_of_a_search_hold_everything_once_and_in_order(shop: Shop, page_size: int) -> None:
    await publish(shop.catalogue, product("mug-2", "Mug"))  # two products may share a name
    everything = await shop.catalogue.search("", ("", ""), 100)

    pages, after = [], ("", "")
    while page := await shop.catalogue.search("", after, page_size):
        pages += page
        after = (page[-1].product.name, page[-1].product.sku)

    assert pages == everything
    assert len({offer.product.sku for offer in pages}) == 12


async def test_a_change_comes_down_with_its_cursor_and_a_deletion_is_a_change(shop: Shop) -> None:
    before = shop.catalogue.cursor
    await publish(shop.catalogue, price("milk", 129), ("product", "tea", None), price("soap", None))

    assert shop.catalogue.scanned(BARCODES["milk"]).price_minor == 129
    with pytest.raises(UnknownBarcode):
        shop.catalogue.scanned(BARCODES["tea"])
    with pytest.raises(NoPrice):
        shop.catalogue.scanned(BARCODES["soap"])
    assert shop.catalogue.cursor == before + 3


async def test_a_product_that_got_another_barcode_is_not_found_by_the_old_one(shop: Shop) -> None:
    await publish(shop.catalogue, product("milk", "Milk 1 l", "5000128104524", "zero"))

    assert shop.catalogue.scanned("5000128104524").product.sku == "milk"
    with pytest.raises(UnknownBarcode):
        shop.catalogue.scanned(BARCODES["milk"])


async def test_a_kind_that_this_version_does_not_know_is_passed_over(shop: Shop) -> None:
    await publish(shop.catalogue, ("hologram", "x", {"any": "thing"}), price("milk", 130))

    assert shop.catalogue.scanned(BARCODES["milk"]).price_minor == 130


@pytest.mark.parametrize(
    "broken", [{**MUGS, "id": "P3", "n": 0}, {**MUGS, "id": "P3", "family": "unheard_of"}, {"id": "P3"}]
)
async def test_a_broken_promotion_is_left_out_and_the_rest_hold(shop: Shop, broken: dict[str, object]) -> None:
    await publish(shop.catalogue, promotion(broken), promotion({**DRINKS, "id": "P4"}))

    assert [promotion.id for promotion in shop.catalogue.pack.promotions] == ["P1", "P2", "P4"]


async def test_a_swap_replaces_everything_at_once(tmp_path: Path, shop: Shop) -> None:
    fresh = await snapshot_of(
        tmp_path / "other", [setting(name="Renamed"), product("rye", "Rye", "RYE"), price("rye", 2)]
    )

    await swap_in(shop.catalogue, fresh)

    assert shop.catalogue.store.name == "Renamed"
    assert shop.catalogue.scanned("RYE").price_minor == 2
    assert (shop.catalogue.cursor, shop.catalogue.pack.promotions) == (3, ())
    with pytest.raises(UnknownBarcode):
        shop.catalogue.scanned(BARCODES["milk"])


async def test_readers_and_later_changes_go_on_through_swaps(tmp_path: Path, shop: Shop) -> None:
    fresh = await snapshot_of(tmp_path / "other", assortment())
    is_swapping = True

    async def keep_reading() -> int:
        reads = 0
        while is_swapping:
            assert shop.catalogue.scanned(BARCODES["milk"]).product.sku == "milk"
            reads += 1
            await asyncio.sleep(0)
        return reads

    readers = [asyncio.create_task(keep_reading()) for _ in range(2)]
    for number in range(15):
        await swap_in(shop.catalogue, fresh)
        await publish(shop.catalogue, price("milk", 200 + number))
        assert shop.catalogue.scanned(BARCODES["milk"]).price_minor == 200 + number
        assert len(await shop.catalogue.search("twin", ("", ""), 10)) == 2
    is_swapping = False

    assert all(reads > 0 for reads in await asyncio.gather(*readers))


async def test_what_is_in_the_file_and_could_not_be_read_into_memory_is_read_with_the_next_page(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as failing:
        failing.setattr(storage, "promotions", refused)
        with pytest.raises(DamagedCatalogue):
            await publish(shop.catalogue, promotion({**DRINKS, "id": "P4"}))
    before, lags = [one.id for one in shop.catalogue.pack.promotions], shop.catalogue.memory_lags
    await shop.catalogue.apply([], shop.catalogue.cursor)

    assert (before, lags) == (["P1", "P2"], True)
    assert [one.id for one in shop.catalogue.pack.promotions] == ["P1", "P2", "P4"]
    assert not shop.catalogue.memory_lags


def refused(_connection: sqlite3.Connection) -> dict[str, str]:
    raise sqlite3.OperationalError("the disk refuses")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
async def test_a_half_written_snapshot_leaves_the_old_catalogue(tmp_path: Path, shop: Shop, share: float) -> None:
    whole = await snapshot_of(tmp_path / "other", [setting(name="Renamed"), *assortment()[1:]])
    half = bytearray(whole)
    half[int(len(whole) * share) :] = b"\xa5" * (len(whole) - int(len(whole) * share))

    with pytest.raises(DamagedCatalogue):
        await swap_in(shop.catalogue, bytes(half) if share else b"<html>captive portal</html>")

    assert shop.catalogue.store.name == "Corner shop"
    assert shop.catalogue.scanned(BARCODES["milk"]).price_minor == 115


async def test_a_power_cut_before_the_swap_leaves_the_old_catalogue(tmp_path: Path, shop: Shop) -> None:
    cut = copied(tmp_path, tmp_path / "after the cut")
    (cut / "catalogue.new").write_bytes(b"SQLite format 3\x00 and no more")  # the snapshot, half on disk

    with closing(Catalogue(cut)) as catalogue:
        assert catalogue.scanned(BARCODES["milk"]).price_minor == 115
        await swap_in(catalogue, await snapshot_of(tmp_path / "other", assortment()))  # the leftover is in nobody's way

        assert catalogue.cursor == len(assortment())


def copied(folder: Path, to: Path) -> Path:
    """Return a folder with what is on disk now, as after a power cut."""
    to.mkdir()
    for file in folder.glob("catalogue.db*"):
        shutil.copy(file, to)
    return to


@pytest.mark.parametrize("damage", [b"this is no database" * 400, b"SQLite format 3\x00" + b"\xff" * 8000])
async def test_a_damaged_catalogue_is_discarded_and_taken_anew(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "catalogue.db").write_bytes(damage)

    with closing(Catalogue(tmp_path)) as catalogue:
        assert not catalogue.is_ready
        assert catalogue.cursor == 0  # so that the feed sends everything

        await publish(catalogue, *assortment())

        assert catalogue.scanned(BARCODES["milk"]).price_minor == 115
