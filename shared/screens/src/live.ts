import { signal, type ReadonlySignal } from "@preact/signals";
import { Problem, read } from "./api";

const PAUSE_MIN_MS = 500;
const PAUSE_MAX_MS = 5000;
const QUIET_MS = 20_000; // a dead connection can look like a quiet one, so a quiet one is asked
const ANSWER_MS = 5000;

export interface Live {
  connected: ReadonlySignal<boolean>;
  close(): void;
}

/**
 * Follow a state that a daemon sends whole after each change.
 *
 * path: the state; `${path}/live`: its server-sent events. onRefused: the daemon no longer knows who asks.
 */
export function follow<State>(path: string, onState: (state: State) => void, onRefused = () => {}): Live {
  const connected = signal(false);
  let source: EventSource | null = null;
  let pause = PAUSE_MIN_MS;
  let timer = 0;

  function later(act: () => void, ms: number): void {
    clearTimeout(timer);
    timer = window.setTimeout(act, ms);
  }

  function take(state: State): void {
    pause = PAUSE_MIN_MS;
    connected.value = true;
    onState(state);
    later(() => void check(), QUIET_MS);
  }

  function open(): void {
    source?.close();
    source = new EventSource(`${path}/live`);
    source.onmessage = (message: MessageEvent<string>) => take(JSON.parse(message.data) as State);
    source.onerror = lose;
    later(() => void check(), QUIET_MS);
  }

  function lose(): void {
    connected.value = false;
    source?.close();
    later(() => void check(), pause);
    pause = Math.min(pause * 2, PAUSE_MAX_MS);
  }

  async function check(): Promise<void> {
    try {
      const state = await read<State>(path, AbortSignal.timeout(ANSWER_MS));
      if (source === null || source.readyState === EventSource.CLOSED) open();
      take(state);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) onRefused();
      else lose();
    }
  }

  function close(): void {
    clearTimeout(timer);
    source?.close();
    window.removeEventListener("offline", lose);
  }

  window.addEventListener("offline", lose);
  open();
  return { connected, close };
}
