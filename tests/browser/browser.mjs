// Chromium for the tests: an installed one, with an empty profile, that talks to nobody by itself.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const SCREENSHOTS = fileURLToPath(new URL("./screenshots", import.meta.url));
const USUAL = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-sync",
  "--no-first-run",
  "--autoplay-policy=no-user-gesture-required",
];

export async function startBrowser() {
  const named = process.env.GOLPO_CHROMIUM;
  if (named && !existsSync(named)) {
    throw new Error(`GOLPO_CHROMIUM names ${named}, which does not exist`);
  }
  const executablePath = named || USUAL.find((path) => existsSync(path));
  if (!executablePath) {
    throw new Error("no Chromium was found: install it, or name one in GOLPO_CHROMIUM");
  }
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath, args: ARGS });
}

/**
 * A page as `user` in a profile of its own, with Confluence in the language of `locale`, a browser that
 * `speaks` another, and, where it is to be `calm`, without motion. `faults` collects what must not be: console errors,
 * uncaught errors, refusals by the Content Security Policy, requests beyond this machine.
 */
export async function openPage(
  browser,
  { site, user, dark = false, locale, speaks, calm = false },
) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: calm ? "reduce" : "no-preference",
    ...(speaks && { locale: speaks }),
  });
  const faults = [];
  await context.exposeFunction("noteRefusal", (text) => faults.push(`policy: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.noteRefusal(`${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("console", (line) => {
    if (line.type() === "error") faults.push(`console: ${line.text()}`);
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && !["127.0.0.1", "localhost"].includes(hostname)) {
      faults.push(`request beyond this machine: ${hostname}`);
    }
  });
  page.setDefaultTimeout(20_000);
  const asked = `user=${user}${locale ? `&locale=${locale}` : ""}`;
  const go = (path) => page.goto(`${site}${path}${path.includes("?") ? "&" : "?"}${asked}`);
  const shot = async (name) => {
    // Past the fades of menus and dialogs.
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  };
  return { page, go, shot, faults, close: () => context.close() };
}

/** The app's frame: in the open dialog, or else in the page. */
export const inDialog = (page) => page.frameLocator("dialog[open] iframe");
export const inPage = (page) => page.frameLocator("[data-frame-module] iframe");
