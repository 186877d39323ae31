// How a function is bundled for Forge: one file for Node 22, as small as it gets. No code in it goes by
// the names of functions or classes, so that these are shortened as well.

export const bundleOptions = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node22",
  minify: true,
  legalComments: "linked",
  logLevel: "warning",
};
