"""A browser, a server with data, and pages that record what must not happen: errors in the
console, requests to elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright
from support.servers import RoostServer

from browser.data import Seed

# A page that is slower than this on a busy machine is broken.
PATIENCE = 10_000


@dataclass
class Site:
    """A server, and ids of what is in it by name."""

    url: str
    ids: dict[str, str]
    directory: str = ""

    def path(self, name: str) -> str:
        """The address of a screen of the list below."""
        return self.url + SCREENS[name].format(**self.ids)


# Every screen that there is, with data.
SCREENS = {
    "experiments": "/",
    "runs": "/e/{jokes}/runs",
    "dashboard of children": "/e/{jokes}/dashboard",
    "dashboard of runs": "/e/{training}/dashboard",
    "parent": "/runs/{newer}",
    "training run": "/runs/{trained}",
    "hostile run": "/runs/{bad}",
    "compare": "/compare?runs={older},{newer}",
    "compare curves": "/compare?runs={trained},{running}",
    "empty": "/e/{empty}/runs",
    "models": "/models",
    "model": "/models/joke-writer",
    "version": "/models/joke-writer/2",
}


@dataclass
class Watched:
    """A page and what it did."""

    page: Page
    site: Site
    requests: list[Request] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def open(self, address: str, *, idle: bool = False) -> Page:
        """Goes there and waits for the view, with `idle` until nothing is asked any more."""
        self.page.goto(address if address.startswith("http") else self.site.url + address)
        self.page.wait_for_selector("main h1, main h2", timeout=PATIENCE)
        if idle:
            self.page.wait_for_load_state("networkidle", timeout=PATIENCE)
        return self.page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "chromium is needed: scripts/setup test installs it"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One server for all tests that only look, or that make data of their own."""
    with RoostServer() as server:
        yield Site(server.url, Seed(server.url).fill(), str(server.directory))


@pytest.fixture
def watch(browser: Browser, site: Site) -> Iterator[Callable[..., Watched]]:
    """Opens watched pages; after the test none of them may have had a problem, but for those that
    `allowed` names."""
    contexts: list[BrowserContext] = []
    pages: list[Watched] = []

    def make(
        *,
        at: Site | None = None,
        width: int = 1440,
        dark: bool = False,
        allowed: tuple[str, ...] = (),
    ) -> Watched:
        here = at or site
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 500 else 900},
            color_scheme="dark" if dark else "light",
            timezone_id="Asia/Tokyo",
            has_touch=width < 500,
            accept_downloads=True,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        watched = Watched(page, here)
        pages.append(watched)
        origin = urlsplit(here.url).netloc

        def complain(text: str) -> None:
            if not any(word in text for word in allowed):
                watched.problems.append(text)

        def requested(request: Request) -> None:
            watched.requests.append(request)
            parts = urlsplit(request.url)
            if parts.scheme not in ("data", "blob") and parts.netloc != origin:
                complain(f"a request left the origin: {request.url}")

        page.on(
            "console",
            lambda m: complain(f"console: {m.text}") if m.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda e: complain(f"error: {e}"))
        page.on("request", requested)
        page.on("response", lambda r: watched.responses.append(r))
        return watched

    yield make
    problems = [problem for watched in pages for problem in watched.problems]
    for context in contexts:
        context.close()
    assert not problems
