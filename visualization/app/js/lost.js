// A page that lost its line to the server: it says so, knocks until the server answers, and goes on at the same month.
//
// Where the session is still there, it goes on with it. Where it is not, the machine is built anew from the address, which holds
// every move. Where neither can be, the page is loaded anew, but not before the server answers. TEXTS come with the page.
(function () {
  const KNOCK = 500; // milliseconds between two knocks
  const PATIENCE = 3000; // for a line to open, before another is tried
  const SILENCE = 700; // a line lost for so short a time is not spoken of
  let lost = 0; // when the line was lost
  let tried = 0; // when a new one was tried, and how often
  let tries = 0;
  let wasThere = false;
  let leaving = false;

  const data = app.$data;
  data.debug = false; // what the server says to those who wrote it is not for visitors
  const kernel = () => (window.solara.debug ? window.solara.debug.kernel() : null);
  const chinese = () => new URLSearchParams(location.search).get("lang") === "zh";

  async function answers() {
    const enough = new AbortController();
    const timer = setTimeout(() => enough.abort(), 2000);
    try {
      return (await fetch("/readyz", { cache: "no-store", signal: enough.signal })).ok;
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  function say(shown) {
    let note = document.querySelector(".line-lost");
    if (!shown) {
      if (note) note.remove();
      return;
    }
    if (!note) {
      note = document.createElement("div");
      note.className = "line-lost";
      note.setAttribute("role", "status");
      document.body.append(note);
    }
    const text = TEXTS[chinese() ? "zh" : "en"];
    if (note.textContent !== text) note.textContent = text;
  }

  async function anew() {
    if (leaving) return;
    leaving = true;
    if (window.perpetuumPlays) sessionStorage.setItem("perpetuum-plays", "1");
    while (!(await answers())) {
      say(true);
      await new Promise((done) => setTimeout(done, KNOCK));
    }
    location.reload();
  }
  app.reload = anew; // Solara calls it where it cannot mend a session

  async function look() {
    const line = kernel();
    const now = performance.now();
    if (!line || line.isDisposed || leaving) return;
    if (line.connectionStatus === "connected") {
      wasThere = true;
      if (!lost) return;
      if (data.loading) return anew(); // what the server said while nobody heard it is not said again
      if (data.remounting) return;
      lost = tries = 0;
      say(false);
      window.dispatchEvent(new Event("perpetuum-mended"));
      return;
    }
    if (!wasThere) return;
    lost = lost || now;
    if (now - lost > SILENCE) say(true);
    if (now - tried < PATIENCE || !(await answers())) return;
    if (line.connectionStatus === "connected") return;
    if (tries >= 3) return anew();
    tried = performance.now();
    tries += 1;
    line.reconnect().catch(() => {});
  }

  window.addEventListener("beforeunload", () => { leaving = true; });
  (async function watch() {
    for (;;) {
      await look();
      await new Promise((done) => setTimeout(done, KNOCK));
    }
  })();
})();
