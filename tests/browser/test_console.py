"""The console as somebody uses it, in a real browser on a real service."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from browsing import Console, Shoot

expect = pytest.importorskip("playwright.sync_api", reason="playwright (extra dev) is not installed").expect
BAD_ROWS = "id,title,genres,year\nn1,Moon Harbour,Sci-Fi|Drama,2001\n,Nameless,Drama,1999\n" + (
    f"{'x' * 2000},Long id,Drama,1999\nn2,Laughing Gas of the Moon,Comedy,2004\nn3,too,many,cells,here\n"
)

pytestmark = pytest.mark.timeout(400)


def titles(page: Any) -> list[str]:
    """What is recommended."""
    expect(page.locator("[data-rec]").first).to_be_visible()
    return page.locator("[data-rec] .title").all_inner_texts()


def until_other(page: Any, before: list[str]) -> list[str]:
    """What is recommended once the list is another one."""
    for _ in range(300):
        now = titles(page)
        if now != before:
            return now
        page.wait_for_timeout(50)
    raise AssertionError("the list stayed as it was")


def test_only_an_admin_key_opens_it_and_leaving_closes_it(console: Console) -> None:
    _, reader = console.book.create("films", ["read", "ingest"])
    with console.page(login=False, to="/data") as page:
        for key, said in ((console.tokens["films"][:-1] + "?", "not a key"), (reader, "lacks the role")):
            page.fill("#key", key)
            page.get_by_role("button", name="Log in").click()
            expect(page.get_by_role("alert")).to_contain_text(said)
        page.fill("#key", console.tokens["films"])
        page.get_by_role("button", name="Log in").click()
        expect(page).to_have_url(re.compile("/console/data$"))
        [cookie] = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/console")
        assert console.tokens["films"] not in page.content() + json.dumps(page.context.storage_state())
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("alert")).to_contain_text("logged out")
        page.goto(f"{console.address}/console/people")
        expect(page).to_have_url(re.compile("/console/login"))


def test_a_session_sees_its_own_tenant_only_and_ends_when_its_key_is_revoked(console: Console, shoot: Shoot) -> None:
    somebody = console.people[0]
    key, console.tokens["leaving"] = console.book.create("other", ["admin"])
    with console.page(tenant="leaving") as page:
        expect(page.locator(".tenant")).to_have_text("other")
        expect(page.get_by_text("Nobody has been here yet")).to_be_visible()
        page.goto(f"{console.address}/console/people?user={somebody}")
        expect(page.get_by_text("Nothing is known of this person yet")).to_be_visible()
        expect(page.get_by_text("Nothing can be recommended")).to_be_visible()
        shoot(page, "empty")
        page.goto(f"{console.address}/console/live")
        expect(page.get_by_text("The catalogue has no items yet")).to_be_visible()
        console.book.revoke(key.id)
        expect(page.get_by_role("alert")).to_contain_text("The session has ended", timeout=10_000)


def test_find_somebody_and_read_their_tree(console: Console) -> None:
    somebody = console.people[0]
    with console.page() as page:
        box = page.get_by_label("Id of a person")
        box.fill(somebody[:2])
        page.locator("[data-part=finder]").get_by_text("Found:").wait_for()
        box.fill(somebody)
        box.press("Enter")
        expect(page.get_by_role("heading", name=somebody, exact=True)).to_be_visible()
        expect(page.get_by_role("img", name="Interests as a sunburst").locator("canvas")).to_be_visible()
        rows = page.locator("[data-part=profile] button.node")
        shares = [int(text) for text in re.findall(r"(\d+) %", " ".join(rows.all_inner_texts()))]
        assert shares == sorted(shares, reverse=True)
        assert shares[0] > 0
        first = rows.first
        first.focus()
        first.press("Enter")  # by the keyboard alone
        expect(rows.first).to_have_attribute("aria-pressed", "true")
        expect(rows.first).to_be_focused()
        page.locator("[data-op=more]").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-part=events] tr").first).to_contain_text("More")
        expect(page.locator("[data-op=more]")).to_be_focused()
        page.locator("[data-op=undo]").press("Enter")
        expect(page.locator("[data-part=events] tr").first).to_contain_text("Undo")
        expect(page.get_by_text("Last seen")).to_be_visible()
        expect(page.locator("[data-part=events]")).to_contain_text("rating")


def test_ask_in_chinese_and_see_why(console: Console, shoot: Shoot) -> None:
    somebody = console.people[1]
    with console.page("zh", to=f"/people?user={somebody}") as page:
        before = titles(page)
        box = page.get_by_label("用文字提出请求")
        box.fill("想看轻松的喜剧片，不要恐怖片")
        box.press("Enter")
        now = until_other(page, before)
        expect(page.get_by_text("理解为：").first).to_contain_text("Comedy")
        genres = [console.films[title] for title in now]
        assert sum("Comedy" in one for one in genres) > len(now) / 2
        assert not any("Horror" in one for one in genres)
        box.press("Enter")
        page.wait_for_timeout(300)
        first = page.locator("[data-rec]").first
        first.get_by_role("button", name="为什么").click()
        expect(first.locator(".why")).to_contain_text("喜剧")
        expect(first.locator(".why")).to_contain_text("之和恰为")
        shoot(page, "people-zh")


def test_less_of_this_changes_the_next_list(console: Console) -> None:
    somebody = console.people[2]
    with console.page(to=f"/people?user={somebody}") as page:
        before = titles(page)
        page.locator("[data-rec]").first.get_by_role("button", name="Less of this").click()
        now = until_other(page, before)
        assert before[0] not in now
        expect(page.locator("[data-part=events] tr").first).to_contain_text("dislike")
        expect(page.locator("[data-part=events] tr").first).to_contain_text(before[0])


def test_never_is_obeyed_until_it_is_taken_back(console: Console, shoot: Shoot) -> None:
    somebody = console.people[3]
    with console.page(to=f"/people?user={somebody}") as page:
        before = titles(page)
        genre = max(
            (g for t in before for g in console.films[t]), key=lambda g: sum(g in console.films[t] for t in before)
        )
        page.locator("[data-part=timeline]").get_by_role("button", name="Show").click()
        expect(page.get_by_role("img", name="Interests over time").locator("canvas")).to_be_visible()
        page.locator("button.node", has_text=genre).first.click()
        page.locator("[data-op=never]").click()
        now = until_other(page, before)
        assert not any(genre in console.films[title] for title in now)
        expect(page.locator("button.node", has_text=genre).first).to_contain_text("Never")
        shoot(page, "people-en")
        page.locator("[data-op=undo]").click()
        again = until_other(page, now)
        assert any(genre in console.films[title] for title in again)


def test_what_is_remembered_stands_and_can_be_undone(console: Console) -> None:
    somebody = console.people[4]
    with console.page(to=f"/people?user={somebody}") as page:
        before = titles(page)
        page.get_by_label("A request in words").fill("no more thrillers")
        page.get_by_role("button", name="Remember").click()
        said = page.locator("[data-part=statements]")
        expect(said).to_contain_text("thrillers")
        now = until_other(page, before)
        said.get_by_role("button", name="Undo").click()
        until_other(page, now)
        expect(said).to_have_count(0)


def test_import_shows_the_bad_rows_and_takes_the_good(console: Console, tmp_path: Path, shoot: Shoot) -> None:
    file = tmp_path / "new films.csv"
    file.write_text(BAD_ROWS, encoding="utf-8")
    with console.page(to="/import") as page:
        page.locator("input[type=file]").set_input_files(file)
        expect(page.get_by_text("Rows that can be used: 2")).to_be_visible()
        bad = page.locator("[data-part=bad-rows] tr")
        expect(bad).to_have_count(1 + 3)
        assert [row.split("\t")[0].strip() for row in bad.all_inner_texts()[1:]] == ["3", "4", "6"]
        shoot(page, "import-en")
        page.get_by_role("button", name="Import 2 rows").click()
        expect(page.get_by_text("Done: 2 added")).to_be_visible()
        page.locator("[data-part=imported]").get_by_role("link", name="Catalogue").click()
        page.get_by_label("Search by words").fill("Moon Harbour")
        page.get_by_label("Search by words").press("Enter")
        page.locator(".found a", has_text="Moon Harbour").click()
        expect(page.get_by_role("heading", name="Moon Harbour")).to_be_visible()
        expect(page.locator("[data-part=neighbours] a").first).to_be_visible()
        page.get_by_role("button", name="Stop recommending").click()
        expect(page.get_by_role("button", name="Recommend again")).to_be_visible()


def test_what_is_no_table_is_told(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "nonsense.csv"
    file.write_bytes(b"\x00\x01\x02\xff\xfe" * 50)
    with console.page(to="/import") as page:
        page.locator("input[type=file]").set_input_files(file)
        expect(page.get_by_role("alert")).to_contain_text("can't be used")


def test_search_the_catalogue_and_see_what_is_like_an_item(console: Console, shoot: Shoot) -> None:
    with console.page(to="/catalogue") as page:
        page.locator(".q-tree__arrow").first.click()
        expect(page.locator(".q-tree__node-header").nth(1)).to_be_visible()
        page.get_by_label("Search by words").fill("a ship in space")
        page.get_by_label("Search by words").press("Enter")
        expect(page.locator(".found").first).not_to_contain_text("GoldenEye")
        page.locator(".found a").first.click()
        expect(page.locator("[data-part=neighbours] a")).to_have_count(12)
        shoot(page, "item-en")


def test_what_stands_nowhere_is_placed_by_hand(console: Console, shoot: Shoot) -> None:
    headers = {"X-API-Key": console.tokens["films"], "Content-Type": "application/json"}
    texts = ("A war at sea: soldiers, guns and a sinking ship", "A wedding where everybody laughs and falls in love")
    items = [{"id": f"homeless{k}", "text": text, "fields": {"year": 2001}} for k, text in enumerate(texts)]
    with console.page(to="/catalogue") as page:
        expect(page.locator("[data-unplaced]")).to_have_count(0)
        assert page.context.request.post(f"{console.address}/items", headers=headers, data=json.dumps(items)).ok
        page.reload()
        rows = page.locator("[data-unplaced]")
        expect(rows).to_have_count(2)
        expect(page.locator("[data-part=unplaced]")).to_contain_text("no category: 2")
        chosen = rows.first.get_by_label("Node")
        assert re.fullmatch(r".+ \(\d+ %\)", chosen.input_value())
        shoot(page, "catalogue-en")
        chosen.fill("West")
        page.get_by_role("option", name="Western").first.click()
        rows.first.get_by_role("button", name="Place").click()
        expect(rows).to_have_count(1)
        rows.first.get_by_role("button", name="Place").click()
        expect(rows).to_have_count(0)
        page.goto(f"{console.address}/console/item?id=homeless0")
        expect(page.locator("[data-part=item]")).to_contain_text("Western")
        expect(page.locator("[data-part=item]")).to_contain_text("2001")
        page.goto(f"{console.address}/console/data")
        expect(page.locator("[data-part=acts] tr").nth(1)).to_contain_text("POST /items")


def test_texts_of_items_are_never_markup(console: Console) -> None:
    with console.page(tenant="odd", to="/catalogue") as page:
        expect(page.locator(".q-tree")).to_contain_text("<i>odd</i>")
        page.get_by_label("Search by words").fill("hostile")
        page.get_by_label("Search by words").press("Enter")
        page.locator(".found a", has_text="<img src=x").first.click()
        expect(page.get_by_role("heading").first).to_contain_text("window.hacked = 2")
        page.goto(f"{console.address}/console/people?user=%3Cb%3Eann%3C%2Fb%3E%60%24%7Balert(1)%7D")
        expect(page.get_by_role("heading", name="<b>ann</b>`${alert(1)}")).to_be_visible()
        page.locator("button.node", has_text="<i>odd</i>").first.click()
        page.locator("[data-op=more]").click()
        expect(page.locator(".q-notification").first).to_contain_text("<i>odd</i>")
        assert titles(page)
        assert page.evaluate("window.hacked") is None


def test_forget_somebody_with_a_receipt(console: Console, shoot: Shoot) -> None:
    somebody = console.people[5]
    with console.page(to="/data") as page:
        with page.expect_download() as saved:
            page.get_by_label("Export of one person").fill(somebody)
            page.get_by_role("button", name="Download").click()
        assert json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))["user"] == somebody
        page.get_by_label("Forget a person").fill(somebody)
        page.get_by_role("button", name="Forget a person").click()
        yes = page.get_by_role("button", name="Forget them")
        expect(yes).to_be_disabled()
        page.get_by_label("The id once more").fill(somebody)
        yes.click()
        expect(page.get_by_text("Every place is clean.")).to_be_visible()
        expect(page.locator("[data-part=receipts]")).to_contain_text("clean")
        shoot(page, "data-en")
        page.goto(f"{console.address}/console/people?user={somebody}")
        expect(page.get_by_role("alert").first).to_contain_text("was forgotten")
        page.goto(f"{console.address}/console/data")
        expect(page.locator("[data-part=acts]")).to_contain_text("DELETE /users/{id}")


def test_a_backup_is_made_and_gone_back_to(console: Console) -> None:
    headers = {"X-API-Key": console.tokens["other"], "Content-Type": "application/json"}
    with console.page(tenant="other", to="/data") as page:

        def add(id: str) -> None:
            body = json.dumps({"id": id, "text": f"tea of the kind {id}", "paths": [["Tea"]]})
            assert page.context.request.post(f"{console.address}/items", headers=headers, data=body).ok

        add("green")
        page.get_by_role("button", name="Make a backup").click()
        expect(page.locator("[data-part=backups]")).to_contain_text("MiB")
        add("black")
        page.get_by_role("button", name="Restore", exact=True).click()
        expect(page.get_by_text("Bring the catalogue “other” back")).to_be_visible()
        yes = page.get_by_role("button", name="Restore it")
        expect(yes).to_be_disabled()
        page.get_by_label("To go on, write its name").fill("films")
        expect(yes).to_be_disabled()
        page.get_by_label("To go on, write its name").fill("other")
        yes.click()
        expect(page.get_by_text("Restored from")).to_be_visible()
        expect(page.locator("[data-part=backups] tr")).to_have_count(1 + 2)
        expect(page.locator("[data-part=acts] tr").nth(1)).to_contain_text("restore")
        found = page.context.request.get(f"{console.address}/items", headers=headers).json()["items"]
        assert [one["id"] for one in found] == ["green"]


def test_settings_are_tried_on_a_copy_and_then_applied(console: Console) -> None:
    with console.page(to="/settings") as page:
        page.get_by_role("button", name="Preview on ten people").click()
        expect(page.get_by_text("These are the settings in use")).to_be_visible()
        page.get_by_label("taste over time").fill("3")
        page.get_by_label("popularity").fill("2")
        page.get_by_role("button", name="Preview on ten people").click()
        expect(page.locator("table[data-part=tried] tr")).to_have_count(1 + 10)
        page.get_by_role("button", name="Apply now").click()
        expect(page.locator("table[data-part=tried]")).to_have_count(0)
        expect(page.get_by_label("taste over time")).to_have_value("3")
        versions = page.locator("[data-part=versions] tr[data-version]")
        expect(versions.first).to_contain_text("half_life.long: 730 → 3")
        expect(versions.first.get_by_role("button")).to_have_count(0)  # it is the one in use
        versions.last.get_by_role("button", name="Roll back").click()
        expect(page.locator("table[data-part=back]")).to_contain_text("half_life.long")
        page.get_by_role("button", name="Roll back now").click()
        expect(versions.first).to_contain_text("back to version 1: ")
        expect(page.get_by_label("taste over time")).to_have_value("730")
        page.goto(f"{console.address}/console/people?user={console.people[0]}")
        assert titles(page)


def test_a_rule_is_written_tried_and_obeyed_and_taken_away(console: Console, shoot: Shoot) -> None:
    somebody = console.people[6]
    with console.page(to=f"/people?user={somebody}") as page:
        before = titles(page)
        genre = max(
            (g for t in before for g in console.films[t]), key=lambda g: sum(g in console.films[t] for t in before)
        )
        page.goto(f"{console.address}/console/settings")
        expect(page.get_by_text("There are no rules")).to_be_visible()
        page.get_by_role("button", name="Add a rule").click()
        page.get_by_label("Condition").fill("year <")
        page.get_by_role("button", name="Preview on ten people").click()
        expect(page.locator("[data-rule] [role=alert]")).to_contain_text("column 7")
        page.get_by_label("Condition").fill("")
        page.get_by_label("Node").fill(genre)
        page.get_by_role("option", name=genre, exact=True).click()
        page.get_by_role("button", name="Add a rule").click()
        second = page.locator("[data-rule]").nth(1)
        second.get_by_label("Action").click()
        page.get_by_role("option", name="boost").click()
        second.get_by_label("Condition").fill("year > 1990")
        second.get_by_label("Adds to the score").fill("0.5")
        page.get_by_role("button", name="Preview on ten people").click()
        expect(page.locator("table[data-part=tried] tr")).to_have_count(1 + 10)
        expect(page.locator("[data-part=apply]")).to_contain_text("Nothing has to be learned anew")
        expect(page.locator("[data-part=apply]")).to_contain_text(f'{{ action = "block", path = ["{genre}"] }}')
        shoot(page, "settings-en")
        page.get_by_role("button", name="Apply now").click()
        expect(page.locator("table[data-part=tried]")).to_have_count(0)
        expect(page.locator("[data-rule]")).to_have_count(2)
        page.goto(f"{console.address}/console/people?user={somebody}")
        assert not any(genre in console.films[title] for title in titles(page))
        page.goto(f"{console.address}/console/settings")
        for _ in range(2):
            page.get_by_role("button", name="Remove this rule").first.click()
        expect(page.locator("[data-rule]")).to_have_count(0)
        page.get_by_role("button", name="Preview on ten people").click()
        page.get_by_role("button", name="Apply now").click(timeout=60_000)
        expect(page.locator("table[data-part=tried]")).to_have_count(0)
        page.goto(f"{console.address}/console/people?user={somebody}")
        assert titles(page) == before


def test_live_counts_what_comes_in(console: Console, shoot: Shoot) -> None:
    with console.page(to="/live") as page:
        headers = {"X-API-Key": console.tokens["films"], "Content-Type": "application/json"}
        film = page.context.request.post(
            f"{console.address}/items/search", headers=headers, data=json.dumps({"text": "Toy Story", "n": 1})
        ).json()["items"][0]["item"]
        learned = page.locator("[data-number=learned]")
        before = int(learned.inner_text().replace(",", ""))
        for k in range(30):
            event = json.dumps({"user": f"new{k % 7}", "item": film, "id": f"live{k}"})
            assert page.context.request.post(f"{console.address}/events", headers=headers, data=event).ok
            if k % 3 == 0:
                question = json.dumps({"user": f"new{k % 7}", "n": 5})
                answer = page.context.request.post(f"{console.address}/recommendations", headers=headers, data=question)
                event = {"user": f"new{k % 7}", "kind": "like", "request_id": answer.json()["request_id"]}
                event["item"] = answer.json()["items"][k % 2]["item"]
                page.context.request.post(f"{console.address}/events", headers=headers, data=json.dumps(event))
            page.wait_for_timeout(60)
        expect(learned).to_have_text(f"{before + 40:,}")
        expect(page.locator("[data-number=rate]")).not_to_have_text("0.0")
        expect(page.locator("[data-number=answer]")).to_contain_text("ms")
        expect(page.locator("[data-number=hits]")).to_have_text("100 %")
        expect(page.locator("canvas")).to_have_count(4)
        shoot(page, "live-en")


def test_language_and_theme_are_chosen_and_kept(console: Console, shoot: Shoot) -> None:
    with console.page(to="/live") as page:
        page.get_by_role("button", name="Theme").click()
        page.get_by_role("menuitem", name="Dark").click()
        expect(page.locator("body")).to_have_class(re.compile("body--dark"))
        page.get_by_role("button", name="Language").click()
        page.get_by_role("menuitem", name="中文").click()
        expect(page.get_by_role("link", name="用户")).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        for name in ("live", "catalogue", "data", "settings"):
            page.goto(f"{console.address}/console/{name}")
            expect(page.locator("body")).to_have_class(re.compile("body--dark"))
            expect(page.locator("#content")).to_contain_text(re.compile(r"\S"))
            if name == "live":
                page.wait_for_timeout(2500)
            shoot(page, f"{name}-zh")


def test_every_page_is_reached_by_the_keyboard(console: Console, shoot: Shoot) -> None:
    with console.page(to="/people") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "To the content"
        reached: list[str] = []
        for _ in range(8):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.textContent"))
        assert reached[:5] == ["Live", "People", "Catalogue", "Data", "Settings"]
        assert "Log out" in reached[7]
        for language in ("en", "zh"):
            page.goto(f"{console.address}/console/login?lang={language}")
            expect(page.locator("#key")).to_be_focused()
            shoot(page, f"login-{language}")
