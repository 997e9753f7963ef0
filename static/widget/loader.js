/**
 * Draws the launcher on a company's page; what stands behind it comes when it is asked for.
 *
 * It lives in a shadow root with constructed style sheets: no page has to allow inline
 * styles or scripts for it. Nothing is stored before the visitor has written. What a page
 * can ask of it is in helpdesk/docs/chat-widget.md.
 */
((setup, page, doc) => {
  "use strict";
  const given = page.tributary;
  // The script stands twice on the page, or a second channel's does.
  if (given && !Array.isArray(given) && given.push) return;

  const { base, key } = setup;
  const here = `${base}/chat/${key}/`;
  const visits = `${base}/api/v1/chat/channels/${key}/visits/`;
  const listeners = {};
  const { navigator } = page;
  const host = doc.createElement("tributary-chat");
  const root = host.attachShadow({ mode: "open" });
  const make = (name, parent, facts) => {
    const element = Object.assign(doc.createElement(name), facts);
    parent.append(element);
    return element;
  };
  const style = (rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    root.adoptedStyleSheets.push(sheet);
  };
  const box = make("div", root);
  const launcher = make("button", box, { className: "l", type: "button" });
  const badge = make("span", launcher, { ariaHidden: true });
  let seconds = 0;
  let tracks, visit, address, stage;

  /** What the parts that come later share with this one. */
  const core = {
    setup,
    here,
    root,
    box,
    launcher,
    make,
    style,
    words: setup.words,
    language: "",
    attributes: Object.create(null),
    unread: 0,
    isOpen: false,
    isKnown: false,
    remembered(value) {
      // Storage may be forbidden: then each page begins anew.
      try {
        const store = page.localStorage;
        if (value) store.tributary = value;
        else if (value === "") delete store.tributary;
        return store.tributary;
      } catch {}
    },
    emit(name, detail) {
      // Later, one by one: what fails in a page's own function stays there.
      for (const listener of listeners[name] || []) queueMicrotask(() => listener(detail));
    },
    where: () => ({
      // What follows a bare # may be a secret that another site has handed over.
      url: page.location.href.replace(/#(?!!?\/).*/, ""),
      title: doc.title,
    }),
    ask: (path, facts) => fetch(path, { credentials: "omit", ...facts }),
    label() {
      const { words, unread, isOpen } = core;
      const count = unread ? `. ${words.unread.replace("{count}", unread)}` : "";
      launcher.ariaLabel = isOpen ? words.close : words.open + count;
      launcher.ariaExpanded = isOpen;
      host.ariaLabel = words.name;
      box.lang = words.language;
      box.dir = getComputedStyle(doc.body).direction;
      box.className = isOpen ? "o" : "";
      badge.hidden = !unread || isOpen;
      badge.textContent = unread > 9 ? "9+" : unread;
    },
  };

  const ready = new Promise((done) => (doc.body ? done() : doc.addEventListener("DOMContentLoaded", done)));
  const part = (name) => ready.then(() => import(`${here}${name}.js`)).then((found) => found.start(core));
  // What could not be loaded may come at the next try.
  const bring = () => (stage ||= part("stage").catch(() => (stage = undefined)));
  core.bring = bring;
  const passed = (name) => (fact) => bring().then((shown) => shown?.[name](fact));

  core.chat = {
    on: (name, listener) => (listeners[name] ||= new Set()).add(listener),
    off: (name, listener) => listeners[name]?.delete(listener),
    hide: () => (launcher.hidden = true),
    show: () => (launcher.hidden = false),
    push(...calls) {
      for (const [name, ...facts] of calls)
        if (Object.hasOwn(core.chat, name)) core.chat[name](...facts);
    },
  };
  for (const name of ["open", "close", "toggle", "identify", "forget", "set", "ask", "language"])
    core.chat[name] = passed(name);

  const leave = () => {
    // Nothing but its name goes along: a page that goes away has no time to ask first.
    if (visit) core.ask(`${visits}${visit}/end/`, { method: "POST", keepalive: true }).catch(() => {});
    visit = seconds = 0;
  };

  const look = () => {
    // Pages of one document change without an event that all browsers have.
    if (doc.hidden) return;
    const current = core.where();
    if (current.url !== address) {
      if (stage) passed("page")(current);
      address = current.url;
      seconds = 0;
    }
    // Whoever has written is known by the panel.
    if (core.isKnown) leave();
    else if (tracks && seconds++ % 30 === 0 && (visit ||= page.crypto.randomUUID?.()))
      core
        .ask(visits, {
          method: "POST",
          keepalive: true,
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ visit, ...current, referrer: doc.referrer }),
        })
        .catch(() => {});
  };

  page.tributary = core.chat;
  ready.then(() => {
    style(`
:host{all:initial;position:fixed;z-index:2147483000;color-scheme:${setup.scheme};--r:${setup.radius}px}
[hidden]{display:none!important}
button{all:unset;box-sizing:border-box;cursor:pointer}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 5px #1d1c1a}
.l{position:fixed;bottom:calc(20px + env(safe-area-inset-bottom));inset-inline-${setup.position}:20px;width:56px;height:56px;padding:15px;border-radius:min(28px,var(--r)*1.6);background:${setup.color};color:${setup.ink};box-shadow:0 2px 6px #0003,0 8px 24px #0003}
svg{display:block;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
path+path,.o path{display:none}
.o path+path{display:block}
span{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-width:10px;padding:0 6px;border-radius:11px;background:#c2361f;color:#fff;font:600 12px/22px system-ui;text-align:center}
@media print{:host{display:none}}`);
    const drawing = doc.createElementNS("http://www.w3.org/2000/svg", "svg");
    drawing.setAttribute("viewBox", "0 0 24 24");
    for (const shape of [
      "M2.992 16.342a2 2 0 0 1 .094 1.167l-1.065 3.29a1 1 0 0 0 1.236 1.168l3.413-.998a2 2 0 0 1 1.099.092 10 10 0 1 0-4.777-4.719",
      "m6 9 6 6 6-6",
    ]) {
      const path = doc.createElementNS(drawing.namespaceURI, "path");
      path.setAttribute("d", shape);
      drawing.append(path);
    }
    launcher.prepend(drawing);
    launcher.onclick = core.chat.toggle;
    // The panel's own script is small: it is there before the finger is up.
    launcher.onpointerenter = launcher.onfocus = bring;
    host.role = "region";
    core.label();
    doc.documentElement.append(host);
    tracks = setup.tracks && navigator.doNotTrack !== "1" && !navigator.globalPrivacyControl;
    if (Array.isArray(given)) core.chat.push(...given);
    if (core.remembered()) passed("load")();
    if (setup.invites) part("invitations");
    look();
    page.setInterval(look, 1000);
    page.addEventListener("pagehide", leave);
  });
})(__SETUP__, window, document);
