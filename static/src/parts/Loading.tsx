import Spinner from "@atlaskit/spinner";
import { messages } from "../messages";

export function Loading({ text = messages.loading }: { text?: string }) {
  return (
    <div className="loading" role="status">
      <Spinner size="medium" />
      <span>{text}</span>
    </div>
  );
}
