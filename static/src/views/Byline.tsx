import Button from "@atlaskit/button/new";
import type { ViewProps } from "../App";
import { messages } from "../messages";
import { ListAndPlayer } from "../parts/ListAndPlayer";

export default function Byline({ context, go }: ViewProps) {
  return (
    <>
      <div className="toolbar">
        <Button appearance="primary" onClick={() => go("create")}>
          {messages.createVideo}
        </Button>
      </div>
      <ListAndPlayer pageId={context.pageId ?? undefined} empty={messages.list.emptyPage} />
    </>
  );
}
