/** Menus: arrow keys move, and a field on top narrows what is shown. */
import { fill } from "./page.js";

/** @param {Element} menu */
const choices = (menu) =>
  /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".menu-item:not([hidden])")]).filter(
    (item) => item.offsetParent !== null,
  );

/** @param {Element} menu */
const filterOf = (menu) =>
  /** @type {HTMLInputElement | null} */ (menu.querySelector("[data-filter]"));

/** @param {Element} item */
const wordsOf = (item) => (item.textContent ?? "").trim().toLocaleLowerCase();

/** @param {Element} menu */
function narrow(menu) {
  const words = filterOf(menu)?.value.trim().toLocaleLowerCase() ?? "";
  let isThere = false;
  for (const item of menu.querySelectorAll(".menu-item:not([data-make])")) {
    isThere ||= wordsOf(item) === words;
    /** @type {HTMLElement} */ (item).hidden = !wordsOf(item).includes(words);
  }
  offerToMake(menu, isThere);
}

/** What is not there yet can be made. @param {Element} menu @param {boolean} isThere */
function offerToMake(menu, isThere) {
  const button = menu.querySelector("[data-make]");
  const label = button?.querySelector("[data-label]");
  if (!(button instanceof HTMLElement && label instanceof HTMLElement)) return;
  const name = filterOf(menu)?.value.trim() ?? "";
  button.hidden = isThere || !name;
  label.textContent = fill(label.dataset.label ?? "", { name });
}

/** What Enter takes: the exact word, else the first. @param {Element} menu */
function bestChoice(menu) {
  const words = filterOf(menu)?.value.trim().toLocaleLowerCase();
  const items = choices(menu);
  return items.find((item) => wordsOf(item) === words) ?? items[0];
}

/** @param {Element} menu @param {string} key */
function move(menu, key) {
  const items = choices(menu);
  const step = key === "ArrowDown" ? 1 : -1;
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const next = at < 0 && step < 0 ? items.length - 1 : (at + step + items.length) % items.length;
  const item = items[next];
  (item.querySelector("input") ?? item).focus();
}

/** @param {Element} menu */
function take(menu) {
  const item = bestChoice(menu);
  const box = item.querySelector("input");
  item.click();
  if (box) box.form?.requestSubmit();
}

/** Whether it has fetched its choices, if it has any to fetch. @param {Element} menu */
const isComplete = (menu) =>
  menu.hasAttribute("data-complete") || !menu.querySelector(".menu-choices");

/** A key that was quicker than the choices it is meant for. @type {{menu: Element, key: string} | null} */
let early = null;

/** @param {Element} menu @param {string} key */
function act(menu, key) {
  early = isComplete(menu) ? null : { menu, key };
  if (early || !choices(menu).length) return;
  if (key === "Enter") take(menu);
  else move(menu, key);
}

/** The open menu of a button that still has the focus. @param {Element | null} button */
function menuBelow(button) {
  const menu = document.getElementById(button?.getAttribute("popovertarget") ?? "");
  return menu?.matches(".menu:popover-open") ? menu : null;
}

/** Fields other than the filter keep their own keys. @param {Element} target @param {string} key */
function isForMenu(target, key) {
  if (key === "Enter") return target.matches("[data-filter]");
  const isMove = key === "ArrowDown" || key === "ArrowUp";
  return isMove && !target.matches("select, input:not([data-filter], [type=checkbox])");
}

document.addEventListener("keydown", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const menu = target?.closest(".menu[popover]") ?? menuBelow(target);
  if (!menu || !target || event.isComposing) return;
  early = null;
  if (!isForMenu(target, event.key)) return;
  if (!choices(menu).length && !filterOf(menu)) return;
  event.preventDefault();
  act(menu, event.key);
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement)) return;
  const menu = field.closest(".menu");
  if (menu && field.matches("[data-filter]")) narrow(menu);
});

/* What was looked for is found: the next search begins afresh. */
document.addEventListener("change", (event) => {
  const box = event.target instanceof Element ? event.target.closest(".menu-item input") : null;
  const menu = box?.closest(".menu");
  if (menu) beginAfresh(menu);
});

/** @param {Element} menu */
function beginAfresh(menu) {
  const field = filterOf(menu);
  if (field) field.value = "";
  narrow(menu);
}

/** Those of last time may be out of date, and so may what was ticked there. @param {Element} menu */
function forgetChoices(menu) {
  menu.removeAttribute("data-complete");
  const form = menu.querySelector(".menu-choices")?.closest("form");
  // It also lets boxes follow again what is fetched: no other way undoes a tick.
  form?.reset();
}

/** The name may have changed since the menu was drawn. @param {Element} menu */
function fillIn(menu) {
  const field = menu.querySelector("[data-from]");
  if (!(field instanceof HTMLInputElement)) return;
  const source = document.querySelector(field.dataset.from ?? "");
  field.value = source?.getAttribute("data-subject") ?? field.value;
}

document.addEventListener("submit", (event) => {
  const menu = event.target instanceof Element ? event.target.closest(".menu[popover]") : null;
  if (!(menu instanceof HTMLElement && menu.matches(":popover-open"))) return;
  menu.hidePopover();
  returnFocus();
});

/* What nothing was chosen for is no part of an address. */
document.addEventListener("formdata", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement && form.method === "get" && form.closest(".menu"))) return;
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

/* A menu that is opened from another one, or by its key, takes the place of that one. */
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest(".menu[popover] [popovertarget]");
  const before = opener?.closest(".menu[popover]");
  const menu = document.getElementById(opener?.getAttribute("popovertarget") ?? "");
  if (!menu?.matches(".menu") || !(before instanceof HTMLElement)) return;
  event.preventDefault();
  before.hidePopover();
  menu.togglePopover();
});

document.addEventListener(
  "beforetoggle",
  (event) => {
    const menu = event.target;
    const isOpening = /** @type {ToggleEvent} */ (event).newState === "open";
    if (!isOpening || !(menu instanceof Element && menu.matches(".menu[popover]"))) return;
    forgetChoices(menu);
    beginAfresh(menu);
    fillIn(menu);
  },
  true,
);

/** What had the focus before a menu opened may have left the page since. */
function returnFocus() {
  const active = document.activeElement;
  const isGone = active === document.body || active?.closest(".menu:not(:popover-open)");
  if (isGone) document.getElementById("timeline")?.focus({ preventScroll: true });
}

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]")) return;
    const opener = document.querySelector(`[popovertarget="${menu.id}"]`);
    const isOpen = menu.matches(":popover-open");
    opener?.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return returnFocus();
    /** @type {HTMLInputElement | null} */ (menu.querySelector("[data-from]"))?.select();
    for (const part of [menu, ...menu.querySelectorAll("[hx-trigger]")])
      part.dispatchEvent(new CustomEvent("menu:opened"));
  },
  true,
);

/** What had the focus in an open menu before something else was exchanged. @type {HTMLElement | null} */
let held = null;

document.addEventListener("htmx:before:swap", () => {
  const active = document.activeElement;
  held = active instanceof HTMLElement && active.closest(".menu:popover-open") ? active : null;
});

document.addEventListener("htmx:after:swap", () => {
  if (held?.closest(".menu:popover-open") && held !== document.activeElement) held.focus();
});

/* What a menu fetches when it opens takes the focus as if it had been there before. */
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const menu = target?.closest(".menu:popover-open");
  if (!menu) return;
  menu.setAttribute("data-complete", "");
  const field = menu.querySelector("[autofocus]");
  if (field instanceof HTMLElement && !menu.contains(document.activeElement)) field.focus();
  if (filterOf(menu)) narrow(menu);
  if (early?.menu === menu) act(menu, early.key);
});
