/**
 * Show only the settings that belong to what is chosen. Without this script all of
 * them are there. A fieldset says when it is wanted by classes like
 * `when-incoming_transport--imap`.
 */
const ROWS = {
  incoming_password: { oauth_provider: ["", "password"] },
  oauth_client_id: { oauth_provider: ["google", "microsoft", "other"] },
  oauth_client_secret: { oauth_provider: ["google", "microsoft", "other"] },
  oauth_tenant: { oauth_provider: ["microsoft"] },
  oauth_authorization_url: { oauth_provider: ["other"] },
  oauth_token_url: { oauth_provider: ["other"] },
  oauth_scope: { oauth_provider: ["other"] },
  incoming_move_to: { incoming_afterwards: ["move"] },
};

const chosen = (name) => document.getElementById(`id_${name}`)?.value ?? "";

function isWanted(element) {
  return [...element.classList]
    .filter((each) => each.startsWith("when-"))
    .every((each) => {
      const [name, value] = each.slice("when-".length).split("--");
      return chosen(name) === value;
    });
}

function show() {
  for (const fieldset of document.querySelectorAll("fieldset[class*='when-']")) {
    fieldset.hidden = !isWanted(fieldset);
  }
  for (const [row, wanted] of Object.entries(ROWS)) {
    const element = document.querySelector(`.form-row.field-${row}`);
    const fits = Object.entries(wanted).every(([name, values]) => values.includes(chosen(name)));
    if (element) element.hidden = !fits;
  }
}

document.addEventListener("DOMContentLoaded", show);
document.addEventListener("change", show);
