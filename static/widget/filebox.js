/** Files that wait to be sent outlive the page in IndexedDB, where there is one. */

const NAME = "tributary-files";

/** @returns {Promise<IDBDatabase>} */
const opened = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @param {"readonly" | "readwrite"} mode @param {(files: IDBObjectStore) => IDBRequest} task @returns {Promise<any>} */
async function use(mode, task) {
  try {
    const database = await opened();
    return await new Promise((resolve, reject) => {
      const request = task(database.transaction("files", mode).objectStore("files"));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    }).finally(() => database.close());
  } catch {
    // Not allowed or full: then they live as long as the page.
    return null;
  }
}

/** @param {string} id @param {File[]} files */
export const keepFiles = (id, files) => use("readwrite", (box) => box.put(files, id));

/** @param {string} id @returns {Promise<File[]>} */
export const readFiles = async (id) => (await use("readonly", (box) => box.get(id))) ?? [];

/** @param {string} id */
export const forgetFiles = (id) => use("readwrite", (box) => box.delete(id));

export const forgetAllFiles = () => use("readwrite", (box) => box.clear());
