/**
 * The panel on a company's page: a frame that is made on demand, and what it is told.
 *
 * Only the frame that was made here, showing a page of the desk, is listened to.
 */
const PHONE = "(max-width:480px)";
/** What the panel tells that a page may want to know. */
const TOLD = ["message", "forgotten", "identify-failed"];

const rules = ({ position }) => `
.f{position:fixed;display:none;bottom:calc(88px + env(safe-area-inset-bottom));inset-inline-${position}:20px;width:min(376px,100vw - 40px);height:min(640px,100vh - 108px);border-radius:var(--r);overflow:hidden;background:light-dark(#fff,#1b1b19);box-shadow:0 1px 2px #0002,0 18px 48px #0003}
.o .f{display:block}
iframe{display:block;border:0;width:100%;height:100%;color-scheme:inherit}
@media ${PHONE}{
.f{box-sizing:border-box;inset:var(--t,0) 0 auto;width:100%;height:var(--h,100%);border-radius:0;padding:env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left)}
.o .l{display:none}
}
@media(prefers-reduced-motion:no-preference){
.f{animation:f .16s}
@keyframes f{from{opacity:0;transform:translateY(8px)}}
}`;

export function start(core) {
  const { setup, here, root, box, launcher, make, style, attributes } = core;
  const origin = setup.base;
  const phone = matchMedia(PHONE);
  const view = window.visualViewport;
  const waiting = [];
  const shown = make("div", box, { className: "f" });
  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  let isReady = false;
  let locked = null;

  style(rules(setup));
  launcher.before(shown);
  addEventListener("message", heard);
  root.addEventListener("keydown", (event) => event.key === "Escape" && turn(false));
  phone.addEventListener("change", fit);
  view?.addEventListener("resize", fit);
  view?.addEventListener("scroll", fit);

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.allow = "microphone; camera; clipboard-write; autoplay";
    frame.title = core.words.name;
    frame.src = here + (core.language && `?language=${encodeURIComponent(core.language)}`);
    shown.append(frame);
  }

  function post(type, facts) {
    frame.contentWindow.postMessage({ ...facts, tributary: 1, type }, origin);
  }

  function tell(type, facts) {
    if (isReady) post(type, facts);
    else if (frame) waiting.push([type, facts]);
  }

  function turn(open) {
    if (core.isOpen === open) return;
    const wasInside = root.activeElement;
    core.isOpen = open;
    if (open) load();
    core.label();
    fit();
    tell(open ? "open" : "close");
    if (open) frame.focus();
    else if (wasInside) launcher.focus();
    core.emit(open ? "open" : "close");
  }

  function fit() {
    const fills = core.isOpen && phone.matches;
    if (fills && view?.scale === 1) {
      // A keyboard on the screen takes its part of it.
      shown.style.setProperty("--t", `${view.offsetTop}px`);
      shown.style.setProperty("--h", `${view.height}px`);
    }
    if (fills === (locked !== null)) return;
    // Behind a panel that fills the screen nothing scrolls and nothing is reached.
    const page = document.documentElement.style;
    const before = locked;
    locked = fills ? page.overflow : null;
    page.overflow = fills ? "hidden" : before;
    document.body.inert = fills;
  }

  function forgetHere() {
    core.isKnown = false;
    core.unread = 0;
    core.remembered("");
    core.label();
    try {
      delete localStorage["tributary-invitations"];
    } catch {}
  }

  function heard({ source, origin: from, data }) {
    if (!frame || source !== frame.contentWindow || from !== origin) return;
    if (data?.tributary === 1 && Object.hasOwn(answers, data.type)) answers[data.type](data);
  }

  const answers = {
    ready() {
      isReady = true;
      const { language, isOpen } = core;
      post("hello", { ...core.where(), attributes: { ...attributes }, language, visible: isOpen });
      for (const [type, facts] of waiting.splice(0)) post(type, facts);
      if (isOpen && root.activeElement) frame.focus();
      core.emit("ready");
    },
    close: () => turn(false),
    wrote() {
      core.isKnown = true;
      core.remembered("1");
    },
    unread({ count }) {
      if (!(Number.isInteger(count) && count >= 0) || count === core.unread) return;
      core.unread = count;
      core.label();
      core.emit("unread", count);
    },
    event({ name, detail }) {
      if (name === "forgotten") forgetHere();
      if (TOLD.includes(name)) core.emit(name, detail);
    },
  };

  return {
    load() {
      core.isKnown = true;
      load();
    },
    open: () => turn(true),
    close: () => turn(false),
    toggle: () => turn(!core.isOpen),
    page: (where) => tell("page", where),
    set(facts) {
      for (const [name, value] of Object.entries(facts)) {
        if (/string|number|boolean/.test(typeof value)) attributes[name] = value;
      }
      tell("set", { attributes: { ...attributes } });
    },
    identify(identity) {
      core.isKnown = true;
      load();
      // A copy: what cannot be handed over fails here, where it was called.
      tell("identify", { identity: JSON.parse(JSON.stringify(identity)) });
    },
    forget() {
      // What the frame has kept only the frame can reach.
      if (core.remembered()) load();
      forgetHere();
      if (frame) tell("forget");
      else core.emit("forgotten");
    },
    ask(text) {
      turn(true);
      tell("ask", { text: `${text}` });
    },
    invite(invitation) {
      turn(true);
      tell("invite", invitation);
    },
    language(code) {
      core.language = `${code}`;
      tell("language", { code: core.language });
      core
        .ask(`${here}words.json?language=${encodeURIComponent(core.language)}`)
        .then((answer) => answer.json())
        .then((words) => {
          core.words = words;
          core.label();
          if (frame) frame.title = words.name;
        })
        .catch(() => {});
    },
  };
}
