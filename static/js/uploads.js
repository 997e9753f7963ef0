/** Files of an answer: sent to the server as soon as they are chosen, dropped or pasted. */
import { fill, meta } from "./page.js";

/** @param {string} label */
function removeButton(label) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.removeUpload = "";
  button.setAttribute("aria-label", label);
  button.textContent = "×";
  return button;
}

export class Uploads {
  /**
   * @param {HTMLElement} holder
   * @param {{uploadUrl: string, failed: string, remove: string, changed: () => void}} options
   */
  constructor(holder, options) {
    this.holder = holder;
    this.options = options;
    holder.addEventListener("click", (event) => this.#remove(event));
  }

  get isBusy() {
    return this.holder.querySelector("progress") !== null;
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) this.#send(file);
  }

  /** @param {File} file */
  #send(file) {
    const chip = this.#chip(file);
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    chip.append(bar);
    this.holder.append(chip);
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    };
    request.onloadend = () => this.#finish(request, chip, file);
    request.open("POST", this.options.uploadUrl);
    request.setRequestHeader("X-CSRFToken", meta("csrf-token"));
    request.setRequestHeader("Accept", "application/json");
    const body = new FormData();
    body.append("file", file, file.name);
    request.send(body);
  }

  /** @param {XMLHttpRequest} request @param {HTMLElement} chip @param {File} file */
  #finish(request, chip, file) {
    chip.querySelector("progress")?.remove();
    if (request.status < 200 || request.status > 299) return this.#fail(request, chip, file);
    const { id } = JSON.parse(request.responseText);
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "upload";
    field.value = id;
    chip.dataset.upload = id;
    chip.prepend(field);
    this.options.changed();
  }

  /** @param {XMLHttpRequest} request @param {HTMLElement} chip @param {File} file */
  #fail(request, chip, file) {
    let reason = "";
    try {
      reason = JSON.parse(request.responseText).error ?? "";
    } catch {
      reason = "";
    }
    chip.classList.add("is-failed");
    const name = chip.querySelector(".truncate");
    const text = `${fill(this.options.failed, { name: file.name })} ${reason}`.trim();
    if (name) name.textContent = text;
    chip.title = text;
  }

  /** @param {File} file */
  #chip(file) {
    const chip = document.createElement("span");
    chip.className = "upload";
    const name = document.createElement("span");
    name.className = "truncate";
    name.textContent = file.name;
    chip.append(name, removeButton(fill(this.options.remove, { name: file.name })));
    return chip;
  }

  /** @param {Event} event */
  #remove(event) {
    const target = event.target instanceof Element ? event.target : null;
    const chip = target?.closest("[data-remove-upload]")?.closest(".upload");
    if (!(chip instanceof HTMLElement)) return;
    const id = chip.dataset.upload;
    chip.remove();
    if (id) {
      const url = new URL(this.options.uploadUrl, location.href);
      url.searchParams.set("id", id);
      void fetch(url, { method: "DELETE", headers: { "X-CSRFToken": meta("csrf-token") } });
    }
    this.options.changed();
  }
}
