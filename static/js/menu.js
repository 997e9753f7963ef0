/** Menus: arrow keys move, and a field on top narrows what is shown. */

/** @param {Element} menu */
const choices = (menu) =>
  /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".menu-item:not([hidden])")]).filter(
    (item) => item.offsetParent !== null,
  );

/** @param {HTMLInputElement} field */
function narrow(field) {
  const words = field.value.trim().toLocaleLowerCase();
  const menu = field.closest(".menu");
  for (const item of menu?.querySelectorAll(".menu-item") ?? []) {
    const isWanted = (item.textContent ?? "").toLocaleLowerCase().includes(words);
    /** @type {HTMLElement} */ (item).hidden = !isWanted;
  }
}

/** @param {KeyboardEvent} event @param {Element} menu */
function move(event, menu) {
  const items = choices(menu);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !items.length) return;
  event.preventDefault();
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const next = at < 0 && step < 0 ? items.length - 1 : (at + step + items.length) % items.length;
  const item = items[next];
  (item.querySelector("input") ?? item).focus();
}

document.addEventListener("keydown", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const menu = target?.closest(".menu[popover]");
  if (!menu) return;
  move(event, menu);
  const isFilter = target instanceof HTMLInputElement && target.matches("[data-filter]");
  if (isFilter && event.key === "Enter" && !target.name) {
    event.preventDefault();
    choices(menu)[0]?.click();
  }
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field instanceof HTMLInputElement && field.matches("[data-filter]")) narrow(field);
});

document.addEventListener("submit", (event) => {
  const menu = event.target instanceof Element ? event.target.closest(".menu[popover]") : null;
  if (menu instanceof HTMLElement && menu.matches(":popover-open")) menu.hidePopover();
});

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]")) return;
    const opener = document.querySelector(`[popovertarget="${menu.id}"]`);
    const isOpen = menu.matches(":popover-open");
    opener?.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    for (const part of [menu, ...menu.querySelectorAll("[hx-trigger]")])
      part.dispatchEvent(new CustomEvent("menu:opened"));
  },
  true,
);

/* What a menu fetches when it opens takes the focus as if it had been there before. */
document.addEventListener("htmx:after:swap", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const menu = target?.closest(".menu:popover-open");
  const field = menu?.querySelector("[autofocus]");
  if (!(menu && field instanceof HTMLElement)) return;
  if (!menu.contains(document.activeElement)) field.focus();
  if (field instanceof HTMLInputElement && field.matches("[data-filter]")) narrow(field);
});
