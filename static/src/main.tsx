import "@atlaskit/css-reset";
import "./style.css";
import { view } from "@forge/bridge";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";

// Where theming is refused, Atlaskit's own light colours stay.
Promise.resolve(view.theme.enable()).catch(() => undefined);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
