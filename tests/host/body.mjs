// Page bodies as HTML, for reading on the local site only: enough of ADF and of the storage format to
// look like a page. Every text is escaped; of storage, only plain elements are let through.

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** A text as it may stand in HTML, in an attribute too. */
export const escapeHtml = (text) => String(text ?? "").replace(/[&<>"']/g, (it) => ENTITIES[it]);

const safeUrl = (url) => (/^(https?:|mailto:|\/|#)/i.test(url ?? "") ? url : "#");

const MARKS = {
  strong: (inner) => `<strong>${inner}</strong>`,
  em: (inner) => `<em>${inner}</em>`,
  code: (inner) => `<code>${inner}</code>`,
  strike: (inner) => `<s>${inner}</s>`,
  underline: (inner) => `<u>${inner}</u>`,
  link: (inner, { href }) => `<a href="${escapeHtml(safeUrl(href))}">${inner}</a>`,
};

const PLAIN = {
  doc: "div",
  paragraph: "p",
  bulletList: "ul",
  orderedList: "ol",
  listItem: "li",
  blockquote: "blockquote",
  tableRow: "tr",
  tableHeader: "th",
  tableCell: "td",
  decisionList: "ul",
  decisionItem: "li",
};

/** ADF as HTML. `macro(node)` gives the HTML of an app's macro. */
export function adfToHtml(node, macro) {
  const inner = () => (node.content ?? []).map((child) => adfToHtml(child, macro)).join("");
  const attrs = node.attrs ?? {};
  if (PLAIN[node.type]) return `<${PLAIN[node.type]}>${inner()}</${PLAIN[node.type]}>`;
  switch (node.type) {
    case "text":
      return (node.marks ?? []).reduce(
        (html, mark) => MARKS[mark.type]?.(html, mark.attrs ?? {}) ?? html,
        escapeHtml(node.text),
      );
    case "heading": {
      const level = Math.min(6, Math.max(1, Number(attrs.level) || 2)) + 1;
      return `<h${level}>${inner()}</h${level}>`;
    }
    case "table":
      return `<table><tbody>${inner()}</tbody></table>`;
    case "codeBlock":
      return `<pre tabindex="0"><code>${inner()}</code></pre>`;
    case "panel":
      return `<div class="panel ${escapeHtml(attrs.panelType)}">${inner()}</div>`;
    case "expand":
    case "nestedExpand":
      return `<details><summary>${escapeHtml(attrs.title)}</summary>${inner()}</details>`;
    case "taskList":
      return `<ul class="tasks">${inner()}</ul>`;
    case "taskItem": {
      const checked = attrs.state === "DONE" ? " checked" : "";
      return `<li><label><input type="checkbox" disabled${checked}> ${inner()}</label></li>`;
    }
    case "mention":
      return `<span class="mention">${escapeHtml(attrs.text)}</span>`;
    case "status":
      return `<span class="status">${escapeHtml(attrs.text)}</span>`;
    case "emoji":
      return escapeHtml(attrs.text ?? attrs.shortName);
    case "date":
      return escapeHtml(new Date(Number(attrs.timestamp)).toISOString().slice(0, 10));
    case "inlineCard":
    case "blockCard":
      return `<a href="${escapeHtml(safeUrl(attrs.url))}">${escapeHtml(attrs.url)}</a>`;
    case "hardBreak":
      return "<br>";
    case "rule":
      return "<hr>";
    case "extension":
      return macro?.(node) ?? "";
    default:
      return inner();
  }
}

const ALLOWED = new Set(
  "p h1 h2 h3 h4 h5 h6 ul ol li strong em b i u s code pre blockquote table tbody thead tr th td br hr".split(
    " ",
  ),
);
const MACRO_PARTS = /<ac:(parameter|link|image|placeholder)\b[^>]*>[\s\S]*?<\/ac:\1>/g;

/** Storage format as HTML: code macros, panels, and the plain elements without their attributes. */
export function storageToHtml(storage) {
  const code = [];
  const withoutCode = storage
    .replace(
      /<ac:plain-text-body>\s*<!\[CDATA\[([\s\S]*?)\]\]>\s*<\/ac:plain-text-body>/g,
      (_, text) => {
        code.push(`<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>`);
        return `\ue000${code.length - 1}\ue000`;
      },
    )
    .replace(/<ac:link>[\s\S]*?<ri:user[\s\S]*?<\/ac:link>/g, "\ue001@someone\ue002")
    .replace(MACRO_PARTS, "");
  const html = withoutCode.replace(/<(\/?)([a-z0-9:-]+)([^>]*)>/gi, (_, slash, name) => {
    const tag = name.toLowerCase();
    if (tag === "ac:rich-text-body") return slash ? "</div>" : '<div class="panel">';
    return ALLOWED.has(tag) ? `<${slash}${tag}>` : "";
  });
  return html
    .replaceAll("\ue001", '<span class="mention">')
    .replaceAll("\ue002", "</span>")
    .replace(/\ue000(\d+)\ue000/g, (_, index) => code[Number(index)]);
}
