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
  let watched = null;
  let wasThere = false;
  let leaving = false;

  const data = app.$data;
  data.debug = false; // what the server says to those who wrote it is not for visitors
  const kernel = () => (window.solara.debug ? window.solara.debug.kernel() : null);
  const chinese = () => new URLSearchParams(location.search).get("lang") === "zh";

  // Solara's bar over the page while the server is long at work says nothing to those who cannot see it.
  function named(bar) {
    if (bar.matches && bar.matches(".v-progress-linear")) bar.setAttribute("aria-label", TEXTS[chinese() ? "zh" : "en"].working);
  }
  Vue.mixin({ mounted() { named(this.$el); } });
  document.querySelectorAll(".v-progress-linear").forEach(named);

  // Solara would ask the server for half a second and then show a dialog, in English. It takes the page for given up, and leaves
  // what is to be done to this script.
  app = {
    $data: new Proxy(data, {
      get: (all, name) => (name === "needsRefresh" ? true : all[name]),
      set: (all, name, value) => { if (name === "needsRefresh") anew(); else all[name] = value; return true; },
    }),
  };

  // What the server says of this page's session: whether it is kept; null where there is no answer.
  async function heard(line) {
    const enough = new AbortController();
    const timer = setTimeout(() => enough.abort(), 2000);
    try {
      const answer = await fetch("/jupyter/api/kernels/" + line.id, { cache: "no-store", signal: enough.signal });
      const told = answer.ok ? await answer.json() : {};
      return { kept: told.execution_state === "idle", madeRoom: told.made_room === true };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  // The note stands below the page, which leaves it as much room as it takes (--lost), so that it covers no control.
  const sizes = new ResizeObserver(([{ target }]) => { if (target.isConnected) room(target.offsetHeight); });
  const room = (height) => document.documentElement.style.setProperty("--lost", height + "px");
  function makeRoom(note) {
    sizes.disconnect();
    room(note ? note.offsetHeight : 0);
    if (note) sizes.observe(note);
  }

  function say(shown) {
    let note = document.querySelector(".line-lost");
    if (!shown) {
      if (note) note.remove();
      makeRoom(null);
      return;
    }
    if (!note) {
      note = document.createElement("div");
      note.className = "line-lost";
      note.setAttribute("role", "status");
      document.body.append(note);
      makeRoom(note);
    }
    const text = TEXTS[chinese() ? "zh" : "en"].waiting;
    if (note.textContent !== text) note.textContent = text;
  }

  // Who made room for somebody else goes on when a hand asks for it: pages that came back by themselves would drive out others.
  function yielded() {
    if (leaving) return;
    leaving = true;
    say(true);
    const texts = TEXTS[chinese() ? "zh" : "en"], button = document.createElement("button");
    button.textContent = texts.go_on;
    button.addEventListener("click", () => location.reload());
    document.querySelector(".line-lost").replaceChildren(texts.made_room + " ", button);
  }

  async function anew() {
    if (leaving) return;
    leaving = true;
    if (window.perpetuumPlays) sessionStorage.setItem("perpetuum-plays", "1");
    for (;;) {
      const session = await heard(kernel());
      if (session && session.madeRoom) { leaving = false; return yielded(); }
      if (session) break;
      say(true);
      await new Promise((done) => setTimeout(done, KNOCK));
    }
    location.reload();
  }

  async function mend(line) {
    // What the server said while nobody heard it is not said again; but it knows how everything stands.
    if (data.loading || !((await heard(line)) || {}).kept) return anew();
    await window.solara.debug.widgetManager().fetchAll();
    if (line.connectionStatus !== "connected") return;
    lost = tried = tries = 0;
    say(false);
    window.dispatchEvent(new Event("perpetuum-mended"));
  }

  async function look() {
    const line = kernel();
    if (!line || leaving) return;
    if (watched !== line) {
      watched = line;
      line.connectionStatusChanged.connect((_, status) => { if (status !== "connected" && wasThere) lost = lost || performance.now(); });
    }
    if (line.isDisposed) return anew();
    if (line.connectionStatus === "connected") {
      wasThere = true;
      if (lost) await mend(line);
      return;
    }
    if (!lost) return;
    const now = performance.now();
    if (now - lost > SILENCE) say(true);
    const session = await heard(line);
    if (!session || line.connectionStatus === "connected") return;
    if (!session.kept || tries >= 3) return anew();
    if (now - tried < PATIENCE) return;
    tried = performance.now();
    tries += 1;
    line.reconnect().catch(() => {});
  }

  window.addEventListener("beforeunload", () => { leaving = true; });
  window.addEventListener("perpetuum-anew", anew); // who goes back or forward
  (async function watch() {
    for (;;) {
      await look().catch(anew);
      await new Promise((done) => setTimeout(done, KNOCK));
    }
  })();
})();
