import "../../../shared/screens/src/design";
import "./styles/office.css";
import { render } from "preact";
import { App } from "./app";
import { language } from "../../../shared/screens/src/messages";
import { startLanguage } from "./language";
import { start } from "./office";
import { followOrders } from "./orders-state";
import { followPromotions } from "./promotions-state";

startLanguage(language);
followOrders();
followPromotions();
void start();
render(<App />, document.getElementById("screen")!);
