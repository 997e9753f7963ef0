/** What can be done with a conversation, or with everything kept here. */
import { ask } from "./ask.js";
import { h, icon } from "./dom.js";
import { BELL, BIN, COPY, LEAVE, MAIL, PLUS } from "./icons.js";
import { t } from "./words.js";

/** @param {any} app @param {HTMLElement} button @param {any} chat the screen of a conversation, or null */
export function openMenu(app, button, chat) {
  const open = document.querySelector(".menu");
  if (open) return open.dispatchEvent(new Event("leave"));
  const choices = choicesOf(app, chat).map(([shape, label, task]) =>
    h("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => { close(); void run(app, chat, task); } }, icon(shape), label),
  );
  const menu = h("div.menu", { role: "menu", "aria-label": t("more"), onkeydown: keys });
  menu.append(...choices);

  function close() {
    away.abort();
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    button.focus();
  }
  const away = new AbortController();
  menu.addEventListener("leave", close);
  document.addEventListener("pointerdown", (event) => {
    const target = /** @type {Node} */ (event.target);
    if (!menu.contains(target) && !button.contains(target)) close();
  }, { signal: away.signal });

  /** @param {KeyboardEvent} event */
  function keys(event) {
    const at = choices.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + choices.length, Home: 0, End: choices.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
    } else if (to !== undefined) {
      event.preventDefault();
      choices[to % choices.length].focus();
    }
  }
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "true");
  button.closest("header")?.append(menu);
  choices[0].focus();
}

/** @typedef {(app: any, chat: any) => unknown} Task */

/** @param {any} app @param {any} chat @returns {[string, string, Task][]} */
function choicesOf(app, chat) {
  const rules = app.rules();
  const isOn = app.store.state.hasSound ?? app.channel.has_sound;
  const isThere = Boolean(chat?.id);
  /** @type {[unknown, string, string, Task][]} */
  const all = [
    [chat && rules.may_start && (rules.may_have_several || chat.isClosed), PLUS, t("newTopic"), () => app.startConversation()],
    [isThere, COPY, t("transcript"), transcript],
    [chat, MAIL, t("byEmail"), byEmail],
    [true, BELL, t(isOn ? "soundOff" : "soundOn"), () => setSound(app, !isOn)],
    [isThere && !chat.isClosed, LEAVE, t("end"), end],
    [app.store.state.token, BIN, t("delete"), erase],
  ];
  return all.filter(([isOffered]) => isOffered).map(([, shape, label, task]) => [shape, label, task]);
}

/** @param {any} app @param {any} chat @param {Task} task */
async function run(app, chat, task) {
  try {
    await task(app, chat);
  } catch (error) {
    say(chat, /** @type {any} */ (error).message || t("notDone"));
  }
}

/** One line under the head. @param {any} chat @param {string} text */
function say(chat, text) {
  document.querySelector(".said-line")?.remove();
  const line = h("div.line.said-line", { role: "status" });
  chat?.line ? chat.line.after(line) : document.querySelector("main")?.prepend(line);
  line.textContent = text;
  setTimeout(() => line.remove(), 8000);
}

/** @type {Task} */
async function transcript(app, chat) {
  const email = await ask({ title: t("transcript"), why: "", yes: t("sendForm"), email: app.store.state.me?.email ?? "" });
  if (!email) return;
  await app.api.post(`conversations/${chat.id}/transcript/`, { email });
  say(chat, t("transcriptSent", { email: String(email) }));
}

/** @type {Task} */
async function byEmail(app, chat) {
  const email = await ask({ title: t("byEmail"), why: t("byEmailWhy"), yes: t("save"), email: app.store.state.me?.email ?? "" });
  if (!email) return;
  chat.hasNewMail = true;
  app.wrote();
  await app.engine.claim({ email });
}

/** @param {any} app @param {boolean} isOn */
async function setSound(app, isOn) {
  app.store.set({ hasSound: isOn });
  const { blip, prepare } = await import("./sound.js");
  if (isOn) void blip();
  else prepare();
}

/** @type {Task} */
async function end(app, chat) {
  if (!(await ask({ title: t("endSure"), why: t("endWhy"), yes: t("endYes") }))) return;
  await app.api.post(`conversations/${chat.id}/end/`);
  app.engine.chats.amend(chat.id, { has_ended: true });
  const first = chat.tail.querySelector("input, button");
  first?.focus();
}

/** @type {Task} */
async function erase(app) {
  if (!(await ask({ title: t("deleteSure"), why: t("deleteWhy"), yes: t("deleteYes"), isDanger: true }))) return;
  await app.api.call("DELETE", "me/");
  const { forgetAllFiles } = await import("./filebox.js");
  await forgetAllFiles();
  await app.forget(t("deleted"));
}
