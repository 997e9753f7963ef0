/** The only door there is: the public chat API, with the visitor's token. */

export class ApiError extends Error {
  /** @param {{status: number, code: string, message: string, fields?: any, wait?: number}} given */
  constructor({ status, code, message, fields, wait }) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    /** Seconds that the server asks us to wait. */
    this.wait = wait ?? 0;
  }

  /** Whether the same request may succeed later. */
  get isPassing() {
    return this.status === 0 || this.status >= 500 || [408, 425, 429].includes(this.status);
  }
}

const TIMEOUT = 30_000;
/** What says that a token is not one any more. */
const LOST = new Set(["token_invalid"]);

export class Api {
  token = () => "";
  language = () => "en";
  /** Told once the server does not know the token any more. */
  onLost = () => {};

  /** @param {string} path @param {object} [query] */
  get(path, query) {
    const found = Object.entries(query ?? {}).filter(([, value]) => value != null);
    return this.call("GET", found.length ? `${path}?${new URLSearchParams(found)}` : path);
  }

  /** @param {string} path @param {object | FormData} [body] */
  post(path, body = {}) {
    return this.call("POST", path, body);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object | FormData} [body]
   * @returns {Promise<any>}
   */
  async call(method, path, body) {
    const token = this.token();
    const response = await this.#send(method, path, token, body);
    if (response.ok) return response.status === 204 ? null : response.json();
    const error = await errorOf(response);
    if (token && LOST.has(error.code) && token === this.token()) this.onLost();
    throw error;
  }

  /** @param {string} method @param {string} path @param {string} token @param {object | FormData} [body] */
  async #send(method, path, token, body) {
    const isForm = body instanceof FormData;
    try {
      return await fetch(`/api/v1/chat/${path}`, {
        method,
        headers: {
          "Accept-Language": this.language(),
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...(body && !isForm ? { "Content-Type": "application/json" } : {}),
        },
        body: isForm ? body : body && JSON.stringify(body),
        credentials: "omit",
        signal: AbortSignal.timeout(isForm ? 8 * TIMEOUT : TIMEOUT),
      });
    } catch {
      throw new ApiError({ status: 0, code: "offline", message: "" });
    }
  }
}

/** @param {Response} response */
async function errorOf(response) {
  const wait = Number(response.headers.get("Retry-After")) || 0;
  try {
    const { error } = await response.json();
    return new ApiError({ ...error, status: response.status, wait });
  } catch {
    return new ApiError({ status: response.status, code: "unknown", message: "", wait });
  }
}
