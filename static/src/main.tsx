import "@atlaskit/css-reset";
import "./style.css";
import { view } from "@forge/bridge";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { languageOf } from "./i18n";
import { chooseLanguage } from "./messages";

// Where theming is refused, Atlaskit's own light colours stay.
Promise.resolve(view.theme.enable()).catch(() => undefined);

async function start() {
  const root = document.getElementById("root");
  if (!root) return;
  const chosen = await view.getContext().then(
    ({ locale }) => locale,
    () => undefined,
  );
  await chooseLanguage(languageOf(chosen, navigator.languages));
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

void start();
