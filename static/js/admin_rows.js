/**
 * Rows of small forms that can be added and removed, text that can be copied, and a word
 * on whether white text can be read on a color. Without this script there is one empty
 * row at a time, and text is copied by hand.
 */
function removeRow(row) {
  const box = row.querySelector("input[name$='-DELETE']");
  if (box) box.checked = true;
  row.hidden = true;
}

/** It was removed before, and something else on the page was wrong. */
const isRemoved = (row) => row.querySelector("input[name$='-DELETE']")?.checked ?? false;

function prepareRow(row) {
  const button = row.querySelector(".rows-remove");
  if (!button) return;
  button.hidden = false;
  button.previousElementSibling.hidden = true;
  button.addEventListener("click", () => {
    const next = row.closest(".rows").querySelector(".rows-add");
    removeRow(row);
    next.focus();
  });
}

function isEmptyExtra(rows, row, number) {
  const before = Number(rows.querySelector("[name$='-INITIAL_FORMS']").value);
  const isUntouched = ![...row.querySelectorAll("input, textarea")].some(
    (each) => !["hidden", "checkbox"].includes(each.type) && each.value !== each.defaultValue,
  );
  const hasErrors = row.querySelector(".errorlist") !== null;
  const isBlank = [...row.querySelectorAll("input[type='text'], textarea")].every(
    (each) => each.value === "",
  );
  return number >= before && isUntouched && isBlank && !hasErrors;
}

function addRow(rows) {
  const total = rows.querySelector("[name$='-TOTAL_FORMS']");
  const holder = document.createElement("div");
  holder.innerHTML = rows
    .querySelector("template")
    .innerHTML.replaceAll("__prefix__", total.value);
  const row = holder.querySelector(".rows-row");
  rows.querySelector(".rows-list").append(row);
  total.value = Number(total.value) + 1;
  prepareRow(row);
  row.querySelector("input:not([type='hidden']), select, textarea")?.focus();
}

function prepareRows(rows) {
  [...rows.querySelectorAll(".rows-list > .rows-row")].forEach((row, number) => {
    prepareRow(row);
    if (isRemoved(row) || isEmptyExtra(rows, row, number)) removeRow(row);
  });
  const add = rows.querySelector(".rows-add");
  add.hidden = false;
  add.addEventListener("click", () => addRow(rows));
}

async function copyFrom(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    const words = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = words), 2000);
  } catch {
    getSelection().selectAllChildren(source);
  }
}

function luminance(color) {
  const linear = [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function showContrast(input) {
  const ratio = 1.05 / (luminance(input.value) + 0.05);
  const words = ratio >= 4.5 ? input.dataset.readable : input.dataset.pale;
  const hint = document.getElementById(`${input.id}_contrast`);
  hint.textContent = `${words} (${ratio.toFixed(1)} : 1)`;
}

function prepareColor(input) {
  const hint = document.createElement("div");
  hint.id = `${input.id}_contrast`;
  hint.className = "help";
  hint.setAttribute("aria-live", "polite");
  input.closest(".form-row").append(hint);
  input.addEventListener("input", () => showContrast(input));
  showContrast(input);
}

function prepare() {
  document.querySelectorAll(".rows").forEach(prepareRows);
  document.querySelectorAll("input[data-contrast]").forEach(prepareColor);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copyFrom(button));
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", prepare);
else prepare();
