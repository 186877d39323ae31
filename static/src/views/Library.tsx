import { messages } from "../messages";
import { ListAndPlayer } from "../parts/ListAndPlayer";

export default function Library() {
  return <ListAndPlayer empty={messages.list.emptyLibrary} />;
}
