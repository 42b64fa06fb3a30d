"""A headless Chromium, driven over its own protocol through a pair of pipes."""

import json
import os
import subprocess
import tempfile

OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --remote-debugging-pipe"
).split()


class Chromium:
    """One tab. Remembers every message of the console, every exception and every request."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self.commands = os.pipe()
        self.answers, from_browser = os.pipe()

        def connect():
            # The browser reads commands from descriptor 3 and writes to 4. These may be in use themselves.
            commands, answers = os.dup(to_browser), os.dup(from_browser)
            os.dup2(commands, 3)
            os.dup2(answers, 4)

        # The names of the descriptors above may be 3 and 4, so all of them are inherited and closed by number.
        self.process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={self.folder.name}", "about:blank"],
            preexec_fn=connect,
            close_fds=False,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.rest = b""
        self.number = 0
        self.session = None
        self.troubles = []
        self.requests = []
        self.loaded = 0
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def close(self):
        """Ends the browser."""
        self.session = None
        try:
            self.call("Browser.close")
        except EOFError:
            pass
        self.process.wait()
        self.folder.cleanup()

    def call(self, method, **parameters):
        """Sends a command, and returns its result."""
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        message = json.dumps(command).encode() + b"\0"
        while message:
            message = message[os.write(self.commands, message) :]
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def read(self):
        """Returns the next message, and takes note of an event."""
        while b"\0" not in self.rest:
            piece = os.read(self.answers, 1 << 16)
            if not piece:
                raise EOFError("the browser exited")
            self.rest += piece
        message, _, self.rest = self.rest.partition(b"\0")
        message = json.loads(message)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, event, of):
        if event == "Runtime.exceptionThrown":
            details = of["exceptionDetails"]
            self.troubles.append(details.get("exception", {}).get("description") or details["text"])
        elif event == "Runtime.consoleAPICalled" and of["type"] in ("error", "warning", "assert"):
            self.troubles.append(f"console: {of['args']}")
        elif event == "Log.entryAdded" and of["entry"]["level"] in ("error", "warning"):
            self.troubles.append(f"log: {of['entry']['text']}")
        elif event == "Network.requestWillBeSent":
            self.requests.append(of["request"]["url"])
        elif event == "Page.loadEventFired":
            self.loaded += 1

    def open(self, address):
        """Opens a page anew, and waits until it is loaded."""
        before = self.loaded
        self.call("Page.navigate", url="about:blank")
        while self.loaded == before:
            self.read()
        before = self.loaded
        self.call("Page.navigate", url=address)
        while self.loaded == before:
            self.read()

    def evaluate(self, expression):
        """Returns the value of an expression; of a promise, its result."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def press(self, key, code=None):
        """Presses a key and releases it."""
        text = {"Enter": "\r"}.get(key, "")
        number = {"Tab": 9, "Enter": 13}.get(key, 0)
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=code or key,
                windowsVirtualKeyCode=number,
                **({"text": text} if text and kind == "keyDown" else {}),
            )

    def click(self, selector):
        """Clicks the middle of the first element that matches, as a mouse does."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        box = self.evaluate(
            f"(({{left, top, width, height}}) => [left + width / 2, top + height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def settle(self):
        """Waits until the page has drawn what events asked for."""
        self.evaluate("new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), 20))")
