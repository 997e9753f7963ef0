/** Home: who is here, when they answer, and the way to a conversation. */
import { anybody, face, h, icon, iconButton } from "./dom.js";
import { CHAT, MORE, NEXT, X } from "./shapes.js";
import { dayLabel, durationOf, isSameDay, t, timeOf, weekdayAndTime } from "./words.js";

/** @typedef {any} App */

const SHOWN = 3;

/** @param {App} app @param {{isListLong?: boolean}} options */
export function homeScreen(app, options) {
  const body = h("main.body", { id: "main" });
  let isListLong = Boolean(options.isListLong);
  const greeting = h("h1", { dir: "auto" }, app.channel.greeting || t("greeting"));

  function update() {
    const cards = cardsOf(app, isListLong, showMore);
    const held = document.activeElement?.getAttribute("data-key");
    body.replaceChildren(...cards);
    if (held) body.querySelector(`[data-key="${held}"]`)?.focus();
    more.hidden = !app.engine;
  }

  async function showMore() {
    const before = isListLong ? app.conversations().length : SHOWN;
    if (isListLong) await app.engine.chats.older();
    isListLong = true;
    update();
    body.querySelectorAll(".conversation")[before]?.focus();
  }

  const more = iconButton(MORE, t("more"), (event) => app.openMenu(event.currentTarget, null), "more");
  const header = h(
    "header.hero",
    null,
    h("div.top", null, ...sign(app.channel), h("span.push"), more, ...closeButton(app)),
    greeting,
    app.channel.reply_minutes != null && h("p", null, t("answersIn", { time: durationOf(app.channel.reply_minutes) })),
  );
  update();
  return { parts: [header, body, foot(app.channel)], focus: greeting, update };
}

/** A logo that is gone leaves no hole. @param {Event} event */
const without = ({ target }) => /** @type {Element} */ (target).remove();

/** @param {any} channel */
function sign(channel) {
  const faces = channel.people.map(face);
  return [
    channel.theme.logo_url && h("img.logo", { src: channel.theme.logo_url, alt: channel.brand, onerror: without }),
    faces.length > 0 &&
      h("div.faces", { role: "img", "aria-label": `${t("people")}: ${channel.people.map((/** @type {any} */ it) => it.name).join(", ")}` }, ...faces),
  ];
}

/** @param {App} app */
export const closeButton = (app) =>
  app.host.isAlone ? [] : [iconButton(X, t("close"), () => app.close(), "x")];

/** @param {any} channel */
function foot({ hours }) {
  const line = hoursLine(hours);
  return h("footer.foot", null, line);
}

/** @param {{is_open: boolean, changes_at: string | null, time_zone: string, text?: string}} hours */
export function hoursLine(hours) {
  if (!hours.changes_at) return hours.is_open ? "" : t("closed");
  const at = backAt(hours);
  const said = hours.is_open ? openLine(hours) : t("closedUntil", { time: at });
  const place = hours.time_zone.split("/").pop()?.replaceAll("_", " ") ?? "";
  return said && `${said} · ${t("zone", { place })}`;
}

/** @param {any} hours */
function openLine({ changes_at, time_zone }) {
  const until = new Date(changes_at);
  return isSameDay(until, new Date(), time_zone) ? t("openUntil", { time: timeOf(until, time_zone) }) : "";
}

/** When somebody is there again. @param {any} hours */
export function backAt({ changes_at, time_zone }) {
  const at = new Date(changes_at);
  return isSameDay(at, new Date(), time_zone) ? timeOf(at, time_zone) : weekdayAndTime(at, time_zone);
}

/** @param {App} app @param {boolean} isListLong @param {() => void} showMore */
function cardsOf(app, isListLong, showMore) {
  const list = app.conversations();
  const shown = isListLong ? list : list.slice(0, SHOWN);
  const label = list.length > shown.length ? "showAll" : isListLong && app.engine?.chats.next && "showEarlier";
  return [
    app.channel.notice && h("div.notice", { role: "note", dir: "auto" }, app.channel.notice),
    app.said && h("div.notice", { role: "status" }, app.said),
    list.length > 0 && conversationsCard(app, shown, label && h("button.link", { type: "button", "data-key": "more", onclick: showMore }, t(label))),
    h("div", { id: "help", hidden: true }),
    ...startPart(app, list),
  ].filter(Boolean);
}

/** @param {App} app @param {any[]} shown @param {Node | false | null} more */
const conversationsCard = (app, shown, more) =>
  h(
    "section.card.conversations",
    { "aria-labelledby": "conversations" },
    h("h2.hidden", { id: "conversations" }, t("conversations")),
    h("ul", null, ...shown.map((it) => h("li", null, conversationRow(app, it)))),
    more,
  );

/** Cut where it ends: what is read the other way ends on the other side. @param {string} text */
const part = (text) => h("span.cut", { dir: "auto" }, text);

/** @param {App} app @param {any} it */
function conversationRow(app, it) {
  const name = it.agent?.name ?? app.channel.brand;
  const person = it.agent ?? anybody(name);
  const said = it.preview || t("sentFile");
  const open = () => app.show("chat", { id: it.id });
  return h(
    "button.row.conversation",
    { type: "button", onclick: open, "data-key": it.id, onpointerenter: app.warm, onfocus: app.warm },
    face(person),
    h(
      "span.words",
      null,
      h("b.both", null, part(name), it.subject && " · ", it.subject && part(it.subject)),
      h("small.both", null, it.preview_by === "me" && h("span", null, t("yours", { text: "" })), part(said)),
    ),
    h("span.when", null, when(it), it.unread > 0 && h("span.dot", null, h("span.hidden", null, t("unread")))),
    icon(NEXT, "next"),
  );
}

/** @param {any} it */
const when = (it) =>
  it.has_ended || it.status === "closed" ? t("ended") : isSameDay(new Date(it.last_at), new Date()) ? timeOf(new Date(it.last_at)) : dayLabel(it.last_at);

/** @param {App} app @param {any[]} list */
function startPart(app, list) {
  const rules = app.rules();
  const open = list.find((it) => it.status === "open" && !it.has_ended);
  if (open && !rules.may_have_several) return [goButton(app, t("goOn"), () => app.show("chat", { id: open.id }))];
  if (rules.may_start) return [goButton(app, t(list.length ? "startNew" : "start"), () => app.startConversation())];
  return list.length ? [] : [h("p.quiet", null, t("notHere"))];
}

/** @param {App} app @param {string} label @param {() => void} onclick */
const goButton = (app, label, onclick) =>
  h("button.go", { type: "button", onclick, "data-key": "start", onpointerenter: app.warm, onfocus: app.warm }, icon(CHAT), label);
