"""Uses the page of a report as people do, in a headless Chromium.

    check.py CHROMIUM PAGE [SCREENSHOTS]

The page must have a broken promise. Exits with 1 at the first thing that isn't as it should be.
"""

import base64
import json
import pathlib
import sys

from chromium import Chromium

VIEWS = ["matrix", "promises", "libraries", "compare", "runs"]
HEADING = "document.querySelector('main h1').textContent"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def check(what, is_so):
    if not is_so:
        raise AssertionError(what)


class Page:
    def __init__(self, browser, path):
        self.browser = browser
        self.address = pathlib.Path(path).resolve().as_uri()

    def open(self, fragment):
        self.browser.open(self.address + fragment)
        self.browser.settle()

    def get(self, expression):
        return self.browser.evaluate(expression)

    def go(self, fragment):
        """Changes the address as a link does."""
        self.get(f"location.hash = {json.dumps(fragment)}")
        self.browser.settle()

    def click(self, selector):
        self.browser.click(selector)
        self.browser.settle()

    def count(self, selector):
        return self.get(f"document.querySelectorAll({json.dumps(selector)}).length")


def filters_live_in_the_address(page):
    page.open("#/matrix")
    whole = page.count("table.matrix td a")
    names = page.get("[...document.querySelectorAll('.filters select')].map((one) => one.name)")
    check(f"filters: {names}", names == ["kind", "area", "profile", "system", "library", "state"])
    for name in names:
        page.go("#/matrix")
        options = page.get(f"[...document.querySelector('[name={name}]').options].map((one) => one.value)")
        check(f"{name} has options", len(options) > 1)
        for value in options[1:]:
            page.get(
                f"(() => {{ const one = document.querySelector('[name={name}]'); one.value = {json.dumps(value)};"
                " one.dispatchEvent(new Event('change')); })()"
            )
            page.browser.settle()
            check(f"{name}={value} is in the address", f"{name}=" in page.get("location.hash"))
            shown = page.get(f"document.querySelector('[name={name}]').value")
            check(f"{name}={value} is chosen, not {shown}", shown == value)
            check(f"{name}={value} shows no more cells", page.count("table.matrix td a") <= whole)
            check(f"{name} keeps the focus", page.get("document.activeElement.name") in (name, None, ""))
    page.go("#/matrix?q=sticky")
    rows = page.get("[...document.querySelectorAll('table.matrix tbody th a')].map((one) => one.textContent)")
    check(f"text finds rows: {rows}", rows and all("sticky" in row for row in rows))
    page.go("#/matrix?state=broken")
    check("broken cells are found", page.count("table.matrix td .broken, table.matrix td .reviewed") > 0)


def three_clicks_lead_from_red_to_its_cause(page):
    page.open("#/matrix")
    page.click(".counts a:has(.broken)")
    page.click("table.matrix td a.broken, table.matrix td a.reviewed")
    check("the list has trials", page.get(HEADING) and page.count("tbody a[href^='#/trial/']") > 0)
    page.click("tbody a[href^='#/trial/']")
    text = page.get("document.querySelector('main').innerText")
    for part in ["Expected", "Happened", "Run it again", " --backend ", "The case", "What each process did"]:
        check(f"the trial shows {part}", part in text)
    check("the line is marked", page.count(".case .wrong") > 0)
    check("the operations are marked", page.count("svg .proof") > 0)
    bars = page.count("svg.diagram rect.bar")
    page.click("main details summary")
    check("the table has the same operations", page.count("main details tbody tr") == bars)
    page.click(".tools button")
    check("zoom keeps the operations", page.count("svg.diagram rect.bar") == bars)
    page.click(".command button:last-child")
    said = page.get("document.querySelector('.command button:last-child').textContent")
    check(f"the case is copied: {said}", said == "Copied")


def back_and_forward_work(page):
    page.open("#/matrix?state=broken")
    first = page.get(HEADING)
    page.click("table.matrix td a")
    second = page.get(HEADING)
    check("a cell has its own view", second != first)
    page.get("history.back()")
    page.browser.settle()
    check("back shows the matrix", page.get(HEADING) == first)
    check("with its filter", page.get("document.querySelector('[name=state]').value") == "broken")
    page.get("history.forward()")
    page.browser.settle()
    check("forward shows the cell", page.get(HEADING) == second)


def the_keyboard_is_enough(page):
    def tab_to(selector):
        for _ in range(200):
            page.browser.press("Tab")
            if page.get(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        raise AssertionError(f"no Tab leads to {selector}")

    page.open("#/matrix?state=broken")
    tab_to(".skip")
    page.browser.press("Enter")
    page.browser.settle()
    check("the content has the focus", page.get("document.activeElement.id") == "main")
    check("and the view stays", page.count("table.matrix") > 0)
    tab_to("table.matrix td a")
    check("the focus shows", page.get("getComputedStyle(document.activeElement).outlineStyle") != "none")
    check("the sign has words", "broken" in page.get("document.activeElement.getAttribute('aria-label')"))
    page.browser.press("Enter")
    page.browser.settle()
    tab_to("a[href^='#/trial/']")
    page.browser.press("Enter")
    page.browser.settle()
    check("the trial is there", page.count("svg.diagram") == 1)
    tab_to("details summary")


def every_view(page):
    """Returns an address of each view, and checks that it draws."""
    page.open("#/matrix?state=broken")
    cell = page.get("document.querySelector('table.matrix td a').hash")
    library = page.get("document.querySelector('table.matrix thead a').hash")
    promise = page.get("document.querySelector('table.matrix tbody th a').hash")
    page.go(cell)
    trial = page.get("document.querySelector('a[href^=\"#/trial/\"]').hash")
    views = [f"#/{view}" for view in VIEWS] + [cell, library, promise, trial, "#/nothing", "#/trial/x/%E0%A4%A"]
    for view in views:
        page.go(view)
        check(f"{view} has a heading", page.get(HEADING))
        check(f"{view} has one main heading", page.count("h1") == 1)
        nameless = page.get(
            "[...document.querySelectorAll('main a, main button, main select, main input')].filter((one) =>"
            " !(one.ariaLabel || one.textContent.trim() || one.labels?.length)).length"
        )
        check(f"{view}: everything to use has a name", nameless == 0)
    return views


def views_fit_and_are_legible(page, views, screenshots):
    def shot(name):
        if screenshots:
            taken = page.browser.call("Page.captureScreenshot", captureBeyondViewport=False)
            pathlib.Path(screenshots, name).write_bytes(base64.b64decode(taken["data"]))

    for name, width, height, scheme in [("narrow", 360, 740, "light"), ("light", 1280, 900, "light"), ("dark", 1280, 900, "dark")]:
        page.browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        page.browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for number, view in enumerate(views):
            page.go(view)
            check(f"{view} at {width} px scrolls sideways", page.get(SIDEWAYS) <= 0)
            ground = page.get("getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).map(Number)")
            check(f"{view} is {scheme}", (sum(ground[:3]) < 200) == (scheme == "dark"))
            shot(f"{number:02}-{name}.png")
    page.browser.call("Emulation.setEmulatedMedia", media="print")
    page.go(views[0])
    check("print has no navigation", page.get("getComputedStyle(document.querySelector('nav')).display") == "none")
    page.browser.call("Emulation.setEmulatedMedia", media="")


def no_text_is_markup(page, views):
    for view in views:
        page.go(view)
        check(f"a text became a script at {view}", page.get("window.hostile === undefined"))
        hidden = "/[\\u0000-\\u0008\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069]/"
        check(f"invisible characters at {view}", page.get(f"!{hidden}.test(document.body.innerText)"))
        check(f"an element of a text at {view}", page.count("main script, main img, main iframe") == 0)


def main():
    program, path = sys.argv[1:3]
    screenshots = sys.argv[3] if len(sys.argv) > 3 else None
    browser = Chromium(program)
    try:
        page = Page(browser, path)
        filters_live_in_the_address(page)
        three_clicks_lead_from_red_to_its_cause(page)
        back_and_forward_work(page)
        the_keyboard_is_enough(page)
        views = every_view(page)
        no_text_is_markup(page, views)
        views_fit_and_are_legible(page, views, screenshots)
        check(f"the console has {browser.troubles}", not browser.troubles)
        elsewhere = [url for url in browser.requests if not url.startswith(("file:", "data:", "about:"))]
        check(f"requests to {elsewhere}", not elsewhere)
    finally:
        browser.close()


main()
