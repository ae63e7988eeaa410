"""The page to log in, a plain form: it works without a script, and the key stays out of what scripts see."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from penchant.errors import PenchantError
from penchant.recommend.phrases import Language
from penchant.serve.answering import aside
from penchant.serve.console.desk import BASE, MARK, Desk
from penchant.serve.console.sessions import COOKIE
from penchant.serve.console.texts import LANGUAGES, Texts, preferred
from penchant.serve.faults import Fault

GUESSES = "30/minute"  # tries from one address
LONGEST = 500  # characters of what is taken for a key
FIRST = "/people"
WHY = ("ended", "left", "wrong", "often", "role")


def add(pages: FastAPI, desk: Desk) -> None:
    """The form, what it sends, and the way out."""

    @pages.get("/login", include_in_schema=False)
    def form(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        asked = request.query_params
        t = Texts(_language(request))
        why = asked.get("why", "")
        return _page(t, t(f"login.{why}") if why in WHY else "", asked.get("next", ""), bad=why in WHY[2:])

    @pages.post("/login", include_in_schema=False)
    async def enter(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        sent = await request.form(max_files=0, max_fields=4)
        token, following = str(sent.get("key", "")).strip()[:LONGEST], str(sent.get("next", ""))
        language = _language(request, str(sent.get("lang", "")))
        if not _same_origin(request):
            return _again(language, "wrong", following)
        service = desk.service
        try:
            await service.rates.take(f"console {request.client.host if request.client else '?'}", GUESSES)
        except Fault:
            return _again(language, "often", following)
        try:
            key = await aside(service.keys.verify, token)
        except PenchantError:
            return _again(language, "wrong", following)
        if not key.may("admin"):
            await aside(service.audit.note, key.id, key.tenant, "console login", "Forbidden")
            return _again(language, "role", following)
        await aside(service.audit.note, key.id, key.tenant, "console login")
        answer = RedirectResponse(BASE + safe_next(following), status_code=303)
        answer.set_cookie(
            COOKIE, desk.logins.begin(key, language), httponly=True, samesite="strict", path=BASE,
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    @pages.post("/logout", include_in_schema=False)
    def leave(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        login = desk.logins.find(request.cookies.get(COOKIE))
        if login is not None and _same_origin(request):
            desk.logins.end(login)
        answer = RedirectResponse(f"{BASE}/login?why=left", status_code=303)
        answer.delete_cookie(COOKIE, path=BASE, httponly=True, samesite="strict")
        return answer


def safe_next(where: str) -> str:
    """A path within the console to go to after the login.

    >>> safe_next("/people?user=ann"), safe_next("//evil.example"), safe_next("https://evil.example")
    ('/people?user=ann', '/people', '/people')
    """
    plain = where.startswith("/") and not where.startswith("//") and "\\" not in where and where.isprintable()
    return where if plain and not where.startswith(("/login", "/logout", "/_")) else FIRST


def _again(language: Language, why: str, following: str) -> Response:
    query = urlencode({"why": why, "lang": language, "next": following})
    return RedirectResponse(f"{BASE}/login?{query}", status_code=303)


def _same_origin(request: Request) -> bool:
    """What a browser sends from another site's page says so."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _language(request: Request, given: str = "") -> Language:
    asked = given or request.query_params.get("lang", "")
    for language in LANGUAGES:
        if asked == language:
            return language
    return preferred(request.headers.get("accept-language", ""))


def _page(t: Texts, message: str, following: str, *, bad: bool) -> Response:
    others = "".join(
        f'<a href="?{escape(urlencode({"lang": one, "next": following}))}" lang="{one}">'
        f"{escape(Texts(one)('language.name'))}</a>"
        for one in LANGUAGES
        if one != t.language
    )
    said = f'<p class="{"bad" if bad else "said"}" role="alert">{escape(message)}</p>' if message else ""
    return HTMLResponse(f"""<!doctype html>
<html lang="{t.language}"><head><meta charset="utf-8"><title>{escape(t("login.title"))} · penchant</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,{quote(MARK)}"><link rel="stylesheet" href="{BASE}/style.css"></head>
<body class="login"><main><h1>penchant</h1><p>{escape(t("login.about"))}</p>{said}
<form method="post" action="{BASE}/login"><label for="key">{escape(t("login.key"))}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus
 placeholder="penchant_…"><input type="hidden" name="lang" value="{t.language}">
<input type="hidden" name="next" value="{escape(following)}">
<button type="submit">{escape(t("login.enter"))}</button></form>
<p class="hint">{escape(t("login.how"))} <code>penchant keys create {escape(t("login.tenant"))} --role admin</code></p>
<nav>{others}</nav></main></body></html>""")
