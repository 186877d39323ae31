import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  // Forge serves the folder below a path of its own.
  base: "./",
  build: {
    // Forge's Content Security Policy knows no inline scripts, and fonts or images as data: only in part.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
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
