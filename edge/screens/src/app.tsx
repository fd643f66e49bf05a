import { Announcer } from "./announcer";
import { Attract } from "./attract";
import { BasketScreen } from "./basket";
import { Connecting, ConnectionLost } from "./connection";
import { Dialogs } from "./dialogs";
import { Controls, Header } from "./header";
import { Idle } from "./idle";
import { basket, connected, lane, paid, parked, store } from "./lane";
import { NoticeBanner } from "./notice-banner";
import { ParkedScreen } from "./parked";
import { Pay } from "./pay";
import { Thanks } from "./thanks";
import { DeviceTrouble } from "./trouble";
import { isPaying } from "./view";

/** One of five pictures: waiting for a shopper, filling, paying, paid, parked. The daemon says which. */
export function App() {
  if (lane.value === null || store.value === null) return <Connecting />;
  const isLost = !connected.value;
  return (
    <>
      <div class="kiosk" inert={isLost}>
        <Header />
        <DeviceTrouble />
        <main class="picture">
          <Picture />
        </main>
        <Controls />
        <NoticeBanner />
        <Announcer />
        <Dialogs />
        <Idle />
      </div>
      {isLost && <ConnectionLost />}
    </>
  );
}

function Picture() {
  const filling = basket.value;
  if (parked.value !== null) return <ParkedScreen waiting={parked.value} />;
  if (paid.value !== null) return <Thanks order={paid.value} />;
  if (filling === null) return <Attract />;
  if (isPaying.value || filling.state === "paying") return <Pay basket={filling} />;
  return <BasketScreen basket={filling} />;
}
