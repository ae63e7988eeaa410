"""In the Chinese console nothing stays English but names: of items, nodes, kinds, columns and routes, and ids."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from browsing import Console

expect = pytest.importorskip("playwright.sync_api", reason="playwright (extra dev) is not installed").expect
BAD = "id;title;genres;year\nc1;Moon Harbour;Sci-Fi;2001\n;Nameless;Drama;1999\nc3;too;many;cells;here\n"
NAMES = ("POST", "GET", "DELETE", "PATCH", "penchant migrate-store", "Moon Harbour", "too many cells here",
         "price <= 20 and not adult")  # fmt: skip


pytestmark = pytest.mark.timeout(400)


def english(page: Any, names: Iterable[str]) -> list[str]:
    """What a page says in English: three words or more in a row that are no names."""
    page.wait_for_timeout(300)
    told = page.evaluate(
        """() => {
            const own = [...document.querySelectorAll('.code')];
            const said = [];
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
                const node = walk.currentNode, parent = node.parentElement;
                if (!own.some(one => one.contains(node)) && parent && !parent.closest('script,style,noscript,i.q-icon'))
                    said.push(node.data);
            }
            for (const one of document.querySelectorAll('[aria-label],[placeholder],[title]'))
                for (const name of ['aria-label', 'placeholder', 'title'])
                    if (one.getAttribute(name)) said.push(one.getAttribute(name));
            return said;
        }"""
    )
    found: list[str] = []
    longest = sorted(names, key=len, reverse=True)
    for text in told:
        bare = text
        for name in longest:
            bare = bare.replace(name, "·")
        if re.search(r"[A-Za-z][A-Za-z'’]+[ ,;:]+[A-Za-z'’]+[ ,;:]+[A-Za-z'’]+", bare):
            found.append(text)
    return found


def nodes(page: Any) -> list[str]:
    """Names of nodes as the people's page has them."""
    return [
        text.split(" · ")[0]
        for text in page.locator("button.node span.clip > div, button.node .clip").all_inner_texts()
    ]


def test_people_and_catalogue(console: Console) -> None:
    somebody = console.people[7]
    names = [*console.films, *NAMES]
    told: dict[str, list[str]] = {}
    with console.page("zh", to=f"/people?user={somebody}") as page:
        expect(page.locator("[data-rec]").first).to_be_visible()
        for row in page.locator("button.node").all()[:3]:
            row.click()
        names += nodes(page)
        page.get_by_label("用文字提出请求").fill("a funny one of the nineties, nothing sad, not longer than two hours")
        page.get_by_label("用文字提出请求").press("Enter")
        expect(page.get_by_text("理解为：").first).to_be_visible()
        names += ["a funny one of the nineties, nothing sad, not longer than two hours", "of the nineties"]
        page.locator("[data-rec]").first.get_by_role("button", name="为什么").click()
        expect(page.locator(".why").first).to_contain_text("之和恰为")
        read = page.get_by_text("理解为：").all_inner_texts()
        assert all(
            re.search("[\u4e00-\u9fff]", line.removeprefix("理解为：").replace("·", "")) or ": " in line
            for line in read
        )
        told["people"] = english(page, [*names, *[line.removeprefix("理解为：") for line in read]])
        page.goto(f"{console.address}/console/people?user={'x' * 1100}")
        expect(page.get_by_role("alert").first).to_contain_text("最多 1024 字节")
        told["an id too long"] = english(page, names)
        page.goto(f"{console.address}/console/live")
        page.wait_for_timeout(1500)
        told["live"] = english(page, names)
        page.goto(f"{console.address}/console/catalogue")
        expect(page.locator(".q-tree")).to_be_visible()
        told["catalogue"] = english(page, names)
        page.locator(".found a").first.click()
        expect(page.locator("[data-part=neighbours] a").first).to_be_visible()
        told["item"] = english(page, names)
        page.goto(f"{console.address}/console/item?id=nobody")
        expect(page.get_by_role("alert").first).to_contain_text("不在目录中")
        told["no item"] = english(page, names)
    assert {where: said for where, said in told.items() if said} == {}


def test_an_import_and_settings(console: Console, tmp_path: Path) -> None:
    names, told = [*console.films, *NAMES], dict[str, list[str]]()
    file = tmp_path / "films.csv"
    file.write_text(BAD, encoding="utf-8")
    with console.page("zh", to="/import") as page:
        page.locator("input[type=file]").set_input_files(file)
        expect(page.locator("[data-part=bad-rows]")).to_contain_text("与表头一致")
        expect(page.locator("[data-part=preview]")).to_contain_text("单元格以 ';' 分隔")
        told["import"] = english(page, names)
        (tmp_path / "odd.csv").write_bytes(b"\x00\x01" * 90)
        page.reload()
        page.locator("input[type=file]").set_input_files(tmp_path / "odd.csv")
        expect(page.get_by_role("alert").first).to_contain_text("二进制文件")
        told["no table"] = english(page, names)
        page.goto(f"{console.address}/console/settings")
        page.get_by_role("button", name="添加规则").click()
        page.get_by_label("条件").fill("year <")
        page.get_by_role("button", name="在十位用户上预览").click()
        expect(page.locator("[data-rule] [role=alert]")).to_contain_text("第 7 列")
        told["a rule"] = english(page, names)
        page.get_by_label("条件").fill("year < 1950")
        page.get_by_role("button", name="在十位用户上预览").click()
        expect(page.locator("table[data-part=tried] tr")).to_have_count(1 + 10)
        told["settings"] = english(page, names)
    assert {where: said for where, said in told.items() if said} == {}


def test_an_export_and_a_receipt(console: Console) -> None:
    names, told = [*console.films, *NAMES], dict[str, list[str]]()
    leaving = console.people[8]
    with console.page("zh", to="/data") as page:
        page.get_by_label("导出一位用户的数据").fill("nobody at all here")
        page.get_by_role("button", name="下载").click()
        expect(page.get_by_role("alert").first).to_contain_text("没有关于用户")
        page.get_by_label("遗忘一位用户").fill(leaving)
        page.get_by_role("button", name="遗忘一位用户").click()
        page.get_by_label("再次填写标识").fill(leaving)
        told["sure"] = english(page, [*names, "nobody at all here"])
        page.get_by_role("button", name="确认遗忘").click()
        expect(page.get_by_text("所有位置均已清除。")).to_be_visible(timeout=60_000)
        expect(page.locator("[data-part=receipt-places]")).to_contain_text("其字节已被覆盖")
        told["receipt"] = english(page, [*names, "nobody at all here"])
        page.reload()
        expect(page.locator("[data-part=acts]")).to_contain_text("完成")
        expect(page.locator("[data-part=acts]")).to_contain_text("对象不存在")
        told["data"] = english(page, names)
    assert {where: said for where, said in told.items() if said} == {}
