/** Somebody's own page says who they are, and proves it. */

/** @param {any} app @param {any} identity @returns {Promise<boolean>} whether somebody else is here now */
export async function identify(app, identity) {
  const { state } = app.store;
  const claimed = userIn(identity);
  const wasKnown = Boolean(state.me?.is_known);
  if (wasKnown && claimed && state.me.user_id === claimed) return false;
  try {
    const answer = await app.api.post(`channels/${app.channel.key}/sessions/`, {
      identity: identity ?? "",
      // What another known user wrote here is none of this one's.
      ...(state.token && !wasKnown ? { token: state.token } : {}),
      ...(Object.keys(app.attributes).length ? { attributes: app.attributes } : {}),
    });
    // Only now: whoever is refused leaves everything as it was.
    if (wasKnown) app.store.forget();
    app.store.set({ token: answer.token, me: answer.visitor });
    return true;
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    console.error(`tributary: identify was refused, the visitor stays who they were: ${message || code} (${code})`);
    app.host.tell("event", { name: "identify-failed", detail: { code } });
    return false;
  }
}

/** Whom it is about, to spare a second proof of the same user; never believed. @param {any} identity */
function userIn(identity) {
  if (typeof identity !== "string") return String(identity?.user_id ?? "");
  try {
    const part = identity.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (it) => it.charCodeAt(0))));
    return String(claims.user_id ?? claims.sub ?? "");
  } catch {
    return "";
  }
}
