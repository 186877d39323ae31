// The site's pages in the browser: opens the app's frames, relays what @forge/bridge in them asks,
// menus, the selection's menu and dialogs.

const config = JSON.parse(document.getElementById("host-config").textContent);
const frames = new Map();

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

async function postJson(path, value) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(value) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Error(answer.error?.message ?? `The host answered ${response.status}`);
  return answer;
}

// Frames ------------------------------------------------------------------------------------------

/** A frame of the app: `spot` is `{module, content, extension}`. */
function openFrame(spot, title, hooks = {}) {
  const frame = element("iframe", {
    title,
    src: `${config.uiOrigin}/`,
    class: "app-frame",
    sandbox:
      "allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts",
    allow: "autoplay; clipboard-write; fullscreen",
    "data-module": spot.module,
  });
  const id = crypto.randomUUID();
  frames.set(id, { id, frame, spot, hooks });
  return frame;
}

const frameOf = (source) => [...frames.values()].find((it) => it.frame.contentWindow === source);
const tell = (entry, message) =>
  entry.frame.contentWindow?.postMessage({ golpoHost: true, ...message }, config.uiOrigin);

function forgetDetached() {
  for (const [id, { frame }] of frames) if (!frame.isConnected) frames.delete(id);
}

function pathOf({ target, contentId, moduleKey, url }) {
  if (url) return url;
  if (target === "contentView") return `/wiki/pages/${encodeURIComponent(contentId)}`;
  if (target === "module") return `/wiki/modules/${encodeURIComponent(moduleKey)}`;
  return undefined;
}

const spotBody = ({ module, content, extension }) => ({ module, content, extension });

// Each command of @forge/bridge that the site knows. What it does not know is refused by name.
const commands = {
  async invoke({ spot }, { functionKey, payload }) {
    const answer = await postJson("/bridge/invoke", { ...spotBody(spot), functionKey, payload });
    return answer.value;
  },
  getContext: async ({ spot }) => {
    const context = await postJson("/bridge/context", spotBody(spot));
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    return { ...context, theme: { colorMode: dark ? "dark" : "light" } };
  },
  getFrameId: ({ id }) => id,
  close({ hooks }, payload) {
    if (!hooks.close) return false;
    hooks.close(payload);
    return true;
  },
  async submit({ spot, hooks }, payload) {
    if (!hooks.submit) return false;
    await hooks.submit(spot, payload);
    return true;
  },
  refresh() {
    location.reload();
    return true;
  },
  reload: () => location.reload(),
  changeWindowTitle(_, title) {
    document.title = String(title);
  },
  emitReadyEvent: () => true,
  emit(entry, { event, payload }) {
    for (const other of frames.values()) tell(other, { kind: "event", event, payload });
    return Boolean(entry);
  },
  emitPublic: (entry, message) => commands.emit(entry, message),
  showFlag(_, flag) {
    showFlag(flag);
  },
  closeFlag(_, { id }) {
    document.getElementById(`flag-${id}`)?.remove();
  },
  getUrl(_, where) {
    const path = pathOf(where);
    if (!path) throw new Error(`The local host has no page for the target ${where.target}.`);
    return new URL(path, location.href).href;
  },
  navigate(_, where) {
    const path = pathOf(where);
    if (!path) throw new Error(`The local host has no page for the target ${where.target}.`);
    const url = new URL(path, location.href);
    if (!["http:", "https:"].includes(url.protocol)) throw new Error("Only http and https.");
    if (where.type === "new-tab") window.open(url.href, "_blank", "noopener");
    else location.assign(url.href);
  },
  openModal(entry, { context, title, size, modal, closeOnEscape }) {
    const extension = { ...entry.spot.extension, modal: context };
    const closed = (payload) => tell(entry, { kind: "modalClosed", modal, payload });
    openDialog({ ...entry.spot, extension }, title || "Golpo AI", size, { closed, closeOnEscape });
    return true;
  },
};

window.addEventListener("message", async ({ origin, source, data }) => {
  if (origin !== config.uiOrigin || !data?.golpoHost) return;
  const entry = frameOf(source);
  if (!entry) return;
  if (data.kind === "height") {
    if (!entry.hooks.sized) entry.frame.style.height = `${Math.min(data.height, 20_000)}px`;
  } else if (data.kind === "escape") {
    if (entry.hooks.closeOnEscape !== false) entry.hooks.close?.();
  } else if (data.kind === "call") {
    const { id, command, payload } = data;
    try {
      if (!Object.hasOwn(commands, command)) {
        throw new Error(`The local host does not know the bridge command ${command}.`);
      }
      tell(entry, { kind: "answer", id, value: await commands[command](entry, payload) });
    } catch (error) {
      tell(entry, { kind: "answer", id, error: error.message });
    }
  }
});

// Dialogs -----------------------------------------------------------------------------------------

function openDialog(spot, title, size = "large", { closed, submit, closeOnEscape } = {}) {
  const opener = document.activeElement;
  const heading = element("h2", { id: `dialog-title-${crypto.randomUUID()}` }, title);
  const button = element("button", { type: "button", class: "icon", "aria-label": "Close" }, "✕");
  const dialog = element("dialog", { class: `app-dialog ${size}`, "aria-labelledby": heading.id });
  let payload;
  const close = (value) => {
    payload = value;
    dialog.close();
  };
  const frame = openFrame(spot, title, { close, submit, closeOnEscape, sized: true });
  button.addEventListener("click", () => close());
  dialog.append(element("header", {}, heading, button), frame);
  dialog.addEventListener("cancel", (event) => {
    if (closeOnEscape === false) event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    const entry = frameOf(frame.contentWindow);
    if (entry) tell(entry, { kind: "closing", payload });
    dialog.remove();
    forgetDetached();
    opener?.focus?.();
    closed?.(payload);
    refreshByline();
  });
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

function showFlag({ id, title, description, type = "info", isAutoDismiss, actions = [] }) {
  document.getElementById(`flag-${id}`)?.remove();
  const close = element("button", { type: "button", class: "icon", "aria-label": "Dismiss" }, "✕");
  const flag = element("div", { id: `flag-${id}`, class: `flag ${type}` });
  flag.append(element("strong", {}, title ?? ""), close, element("p", {}, description ?? ""));
  for (const { text } of actions) flag.append(element("span", { class: "action" }, text));
  close.addEventListener("click", () => flag.remove());
  const flags = document.getElementById("flags");
  flags.append(flag);
  // Shown anew, it lies above a dialog that was opened since.
  flags.hidePopover();
  flags.showPopover();
  if (isAutoDismiss) setTimeout(() => flag.remove(), 8000);
}

// The page ----------------------------------------------------------------------------------------

const content = config.content;

// A popover lies above everything, and not in its button's place by itself.
for (const button of document.querySelectorAll("button[popovertarget]")) {
  button.popoverTargetElement.addEventListener("beforetoggle", ({ newState, target }) => {
    if (newState !== "open") return;
    const { bottom, right } = button.getBoundingClientRect();
    target.style.top = `${bottom + 4}px`;
    target.style.right = `${document.documentElement.clientWidth - right}px`;
  });
}

for (const button of document.querySelectorAll("button[data-open-module]")) {
  button.addEventListener("click", () => {
    button.closest("[popover]")?.hidePopover();
    const { openModule, title, size } = button.dataset;
    openDialog({ module: openModule, content }, title, size);
  });
}

for (const place of document.querySelectorAll("[data-frame-module]")) {
  const { frameModule, title, config: text, localId } = place.dataset;
  const extension = text === undefined ? undefined : { config: JSON.parse(text), isEditing: false };
  const hooks = { sized: false };
  place.append(openFrame({ module: frameModule, content, extension }, title, hooks));
  place.parentElement.querySelector("[data-configure]")?.addEventListener("click", () => {
    const isEditing = { ...extension, isEditing: true, macro: { isConfiguring: true } };
    const close = openDialog(
      { module: frameModule, content, extension: isEditing },
      title,
      "large",
      {
        submit: async (_, { config: chosen }) => {
          await postJson("/bridge/macro-config", { localId, config: chosen });
          close();
          location.reload();
        },
      },
    );
  });
}

async function refreshByline() {
  const byline = document.getElementById("byline-app");
  if (!byline) return;
  const { title, tooltip } = await postJson("/bridge/byline", { content });
  byline.textContent = title;
  byline.title = tooltip ?? "";
}
refreshByline();

// The menu of selected text: a toolbar at the selection, reached by Tab as well.
const article = document.getElementById("page-body");
const toolbar = document.getElementById("selection-menu");
if (article && toolbar) {
  let selected = "";
  const place = () => {
    const selection = document.getSelection();
    const inside =
      selection.rangeCount > 0 && article.contains(selection.getRangeAt(0).commonAncestorContainer);
    const text = inside ? selection.toString().trim() : "";
    if (!text) {
      if (!toolbar.contains(document.activeElement)) toolbar.hidden = true;
      return;
    }
    selected = text;
    const box = selection.getRangeAt(0).getBoundingClientRect();
    toolbar.hidden = false;
    toolbar.style.top = `${window.scrollY + box.bottom + 8}px`;
    toolbar.style.left = `${Math.max(8, box.left)}px`;
  };
  document.addEventListener("selectionchange", place);
  // Keeps the selection while the button is pressed.
  toolbar.addEventListener("mousedown", (event) => event.preventDefault());
  for (const button of toolbar.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      toolbar.hidden = true;
      const { contextModule, title, size } = button.dataset;
      openDialog(
        { module: contextModule, content, extension: { selectedText: selected } },
        title,
        size,
      );
    });
  }
}

document.getElementById("user-switch")?.addEventListener("change", (event) => {
  event.target.form.submit();
});
