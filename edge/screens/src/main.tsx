import "../../../shared/screens/src/design";
import "./styles/kiosk.css";
import { render } from "preact";
import { attempt, scan } from "./actions";
import { App } from "./app";
import { keepHouse } from "./housekeeping";
import { start } from "./lane";
import { listenForScans } from "./wedge";

start();
keepHouse();
listenForScans((code) => attempt(scan(code)));
render(<App />, document.getElementById("screen")!);
