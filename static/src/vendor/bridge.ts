// What the Custom UI uses of @forge/bridge, taken from its own files: its index loads the whole of it,
// with two hundred kilobytes that no view needs. vite.config.ts puts this in the index's place.

export { invoke } from "@forge-bridge/invoke/invoke";
export { router } from "@forge-bridge/router/router";

import { changeWindowTitle } from "@forge-bridge/view/changeWindowTitle";
import { close } from "@forge-bridge/view/close";
import { getContext } from "@forge-bridge/view/getContext";
import { refresh } from "@forge-bridge/view/refresh";
import { submit } from "@forge-bridge/view/submit";
import { theme } from "@forge-bridge/view/theme";

export const view = { changeWindowTitle, close, getContext, refresh, submit, theme };
