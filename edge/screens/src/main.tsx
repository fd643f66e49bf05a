import "../../../shared/screens/src/design";
import "./styles/kiosk.css";
import { render } from "preact";
import { attempt, scan } from "./actions";
import { App } from "./app";
import { Day } from "./day";
import { Devices, startDevices } from "./devices";
import { Offline, startOffline } from "./offline";
import { keepHouse } from "./housekeeping";
import { start } from "./lane";
import { listenForScans } from "./wedge";

const DAY = "#day"; // where staff closes the day, at the same address
const OFFLINE = "#offline"; // what works while head office is away
const DEVICES = "#devices"; // the installer's page

// A page is one or the other for its life: what a scanner types is a sale in one and a test in the other.
addEventListener("hashchange", () => location.reload());

start();
if (location.hash === DEVICES) {
  startDevices();
  render(<Devices />, document.getElementById("screen")!);
} else if (location.hash === DAY) {
  render(<Day />, document.getElementById("screen")!);
} else if (location.hash === OFFLINE) {
  startOffline();
  render(<Offline />, document.getElementById("screen")!);
} else {
  keepHouse();
  listenForScans((code) => attempt(scan(code)));
  render(<App />, document.getElementById("screen")!);
}
