// What Forge puts into a Custom UI frame: `globalThis.__bridge`, the way of @forge/bridge to the page
// around. Commands travel by postMessage, addressed to the site alone and heard from it alone.
(() => {
  const SITE = "__SITE_ORIGIN__";
  const waiting = new Map();
  const listeners = new Map();
  const callbacks = { close: undefined, modal: new Map() };
  let sequence = 0;

  const post = (message) => window.parent.postMessage({ golpoHost: true, ...message }, SITE);

  function ask(command, payload) {
    const id = ++sequence;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      post({ kind: "call", id, command, payload });
    });
  }

  function listen(event, callback) {
    const set = listeners.get(event) ?? new Set();
    set.add(callback);
    listeners.set(event, set);
    return { unsubscribe: () => set.delete(callback) };
  }

  function colorMode(mode) {
    const root = document.documentElement;
    root.dataset.colorMode = mode;
    root.dataset.theme = "light:light dark:dark spacing:spacing shape:shape";
  }

  // Functions cannot be posted: they stay here, and the page names them when it wants them called.
  const local = {
    on: ({ event, callback }) => listen(event, callback),
    onPublic: ({ event, callback }) => listen(event, callback),
    onClose(callback) {
      callbacks.close = typeof callback === "function" ? callback : callback?.onClose;
      return true;
    },
    async openModal({ onClose, ...options }) {
      const modal = crypto.randomUUID();
      callbacks.modal.set(modal, onClose);
      return ask("openModal", { ...options, modal });
    },
    async enableTheming() {
      if (!document.querySelector("link[data-forge-theme]")) {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.href = "/__host/theme.css";
        link.dataset.forgeTheme = "";
        document.head.append(link);
      }
      const dark = window.matchMedia("(prefers-color-scheme: dark)");
      dark.addEventListener("change", () => colorMode(dark.matches ? "dark" : "light"));
      colorMode(dark.matches ? "dark" : "light");
    },
  };

  globalThis.__bridge = {
    callBridge: async (command, payload) =>
      Object.hasOwn(local, command) ? local[command](payload) : ask(command, payload),
  };

  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== SITE || source !== window.parent || !data?.golpoHost) return;
    if (data.kind === "answer") {
      const { resolve, reject } = waiting.get(data.id) ?? {};
      waiting.delete(data.id);
      if (data.error === undefined) resolve?.(data.value);
      else reject?.(new Error(data.error));
    } else if (data.kind === "event") {
      for (const callback of listeners.get(data.event) ?? []) callback(data.payload);
    } else if (data.kind === "closing") {
      callbacks.close?.(data.payload);
    } else if (data.kind === "modalClosed") {
      callbacks.modal.get(data.modal)?.(data.payload);
      callbacks.modal.delete(data.modal);
    }
  });

  // Escape closes the dialog also while the focus is in the frame, unless the app used the key.
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) post({ kind: "escape" });
  });

  // The page gives a frame the height of its content where the manifest asks for no size.
  window.addEventListener("DOMContentLoaded", () => {
    const tell = () => post({ kind: "height", height: document.documentElement.offsetHeight });
    new ResizeObserver(tell).observe(document.documentElement);
    tell();
  });
})();
