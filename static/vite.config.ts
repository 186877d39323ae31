import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const vendor = (name: string) => pathOf(new URL(`./src/vendor/${name}`, import.meta.url));
const bridge = pathOf(new URL(".", import.meta.resolve("@forge/bridge")));

function pathOf({ pathname }: URL): string {
  return decodeURIComponent(pathname);
}

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^@forge-bridge\/(.*)$/, replacement: `${bridge}$1.js` },
      // Of it the bridge asks for one function.
      { find: /^@forge\/i18n$/, replacement: "@forge/i18n/out/ensureLocale.js" },
      { find: /^@forge\/bridge$/, replacement: vendor("bridge.ts") },
      {
        find: /^@atlaskit\/feature-gate-js-client(\/feature-gates)?$/,
        replacement: vendor("feature-gates.ts"),
      },
    ],
  },
  // Forge serves the folder below a path of its own.
  base: "./",
  build: {
    // Forge's Content Security Policy knows no inline scripts, and fonts or images as data: only in part.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Atlaskit's packages name their style sheets as what importing them does, and their modules then
    // stay although nothing uses them: with every button came tooltips, with those all of popper.
    rolldownOptions: {
      treeshake: { moduleSideEffects: [{ test: /@atlaskit\/.*\.js$/, sideEffects: false }] },
    },
  },
  test: {
    environment: "jsdom",
    // A machine that builds Rust at the same time is slow.
    testTimeout: 30_000,
    setupFiles: ["src/test/bridge.ts"],
    // Atlaskit's modules import their compiled style sheets, which Node cannot load by itself.
    server: { deps: { inline: [/@atlaskit\//, /@compiled\//] } },
  },
});
