/**
 * Messages that show by themselves next to the launcher, when it is time for one.
 *
 * What was shown when, and how often somebody came, is only remembered beyond the page
 * once the visitor has written: before that nothing is stored.
 */
const INVITATIONS = __SETUP__;
const STORED = "tributary-invitations";
const HOUR = 3_600_000;
const STAY = HOUR / 2;
const ASK_AGAIN = 60_000;

const rules = ({ position }) => `
.b{position:fixed;bottom:calc(88px + env(safe-area-inset-bottom));inset-inline-${position}:20px;display:flex;align-items:start;box-sizing:border-box;max-width:min(300px,100vw - 40px);border-radius:14px;background:light-dark(#fff,#232320);color:light-dark(#1d1c1a,#ecebe6);font:15px/1.45 system-ui,sans-serif;box-shadow:0 1px 2px #0002,0 8px 28px #0003}
.b:empty,.o .b{display:none}
.b button{border-radius:10px}
.t{padding:12px 0 12px 16px;padding-inline:16px 0;overflow-wrap:anywhere;white-space:pre-line;text-align:start}
.x{flex:none;width:40px;height:44px;text-align:center;font-size:20px;color:light-dark(#605d57,#a8a59d)}
@media(prefers-reduced-motion:no-preference){
.b>*{animation:b .2s}
@keyframes b{from{opacity:0}}
}`;

export function start(core) {
  const { setup, box, launcher, make, style } = core;
  const memory = { stays: 0, at: 0, shown: {}, ...stored() };
  let address = "";
  let seconds = 0;
  let askAt = 0;
  /** @type {{key: string, text: string, url: string} | null} */
  let current = null;

  style(rules(setup));
  const bubble = make("div", box, { className: "b", role: "status" });
  launcher.before(bubble);
  bubble.addEventListener("keydown", (event) => event.key === "Escape" && leave());
  setInterval(look, 1000);

  function look() {
    if (document.hidden) return;
    stay();
    const { url } = core.where();
    if (url !== address) {
      address = url;
      seconds = 0;
      if (current && !url.includes(current.url)) clear();
    }
    seconds++;
    if (core.isOpen && current) clear();
    if (current || core.isOpen || launcher.hidden) return;
    const due = INVITATIONS.find(isDue);
    if (due) void propose(due);
  }

  /** Whoever was away for half an hour and is here again has come once more. */
  function stay() {
    const now = Date.now();
    const isNew = now - memory.at > STAY;
    if (!isNew && now - memory.at < 60_000) return;
    if (isNew) memory.stays++;
    memory.at = now;
    keep();
  }

  function isDue(invitation) {
    const shownAt = Object.hasOwn(memory.shown, invitation.key) ? memory.shown[invitation.key] : 0;
    return (
      address.includes(invitation.url) &&
      seconds >= invitation.seconds &&
      memory.stays >= invitation.visits &&
      Date.now() - shownAt >= invitation.pauseHours * HOUR &&
      !(shownAt && !invitation.pauseHours) &&
      Object.entries(invitation.attributes).every(
        ([name, value]) => name in core.attributes && `${core.attributes[name]}` === value,
      )
    );
  }

  async function propose(invitation) {
    if (invitation.needsSomebody) {
      if (Date.now() < askAt) return;
      askAt = Date.now() + ASK_AGAIN;
      const isThere = await isAnybodyThere();
      if (!isThere || current || core.isOpen || !isDue(invitation)) return;
    }
    show(invitation);
  }

  function isAnybodyThere() {
    return core
      .ask(`${setup.base}/api/v1/chat/channels/${setup.key}/`)
      .then((answer) => answer.json())
      .then((channel) => channel.is_anybody_there === true)
      .catch(() => false);
  }

  function show(invitation) {
    current = invitation;
    memory.shown = { ...memory.shown, [invitation.key]: Date.now() };
    keep();
    const { key, text } = invitation;
    const said = make("button", bubble, { className: "t", type: "button", textContent: text, dir: "auto" });
    const off = make("button", bubble, { className: "x", type: "button", textContent: "\u00d7" });
    off.ariaLabel = core.words.dismiss;
    off.onclick = leave;
    said.onclick = () => {
      clear();
      core.bring().then((stage) => stage?.invite({ key, text }));
    };
  }

  function leave() {
    clear();
    launcher.focus();
  }

  function clear() {
    current = null;
    bubble.replaceChildren();
  }

  function keep() {
    // Forgotten with the rest: a visitor who has not written leaves nothing behind.
    try {
      if (core.remembered()) localStorage.setItem(STORED, JSON.stringify(memory));
      else localStorage.removeItem(STORED);
    } catch {}
  }

  function stored() {
    try {
      const found = JSON.parse(localStorage.getItem(STORED));
      const isOurs = Number.isInteger(found.stays) && found.at > 0 && typeof found.shown === "object";
      return isOurs ? { stays: found.stays, at: found.at, shown: { ...found.shown } } : {};
    } catch {
      return {};
    }
  }
}
