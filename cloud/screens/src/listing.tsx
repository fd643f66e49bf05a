import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, read } from "../../../shared/screens/src/api";
import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { t, type Key } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";

export interface Listed<Answer> {
  found: Answer | null;
  problem: Problem | null;
  load: () => void;
}

/** What a path answers, asked when the page opens, on demand, and whenever `fresh` is another. */
export function useListed<Answer>(path: string, fresh = 0): Listed<Answer> {
  const { found, problem, load } = useRead(async () => await read<Answer>(path), [path, fresh]);
  return { found, problem, load };
}

/** A page of a list: ask with `next` as the cursor for the one behind it. */
interface Part {
  next: string | number | null;
}

export interface Paged<Page> extends Omit<Listed<Page>, "found"> {
  found: Page | null; // the first page, which has what is there once only
  pages: Page[];
  /** Read one page more; null when the last one is there. */
  more: (() => void) | null;
}

/**
 * The pages of a list, as many as were asked for. News move rows from one page to the next, so all of them are read
 * again together: no row vanishes in between, and none stays as it was.
 */
export function usePages<Page extends Part>(path: string, fresh = 0): Paged<Page> {
  const wanted = useRef({ path, pages: 1 });
  if (wanted.current.path !== path) wanted.current = { path, pages: 1 };
  const { found, problem, load } = useRead(async () => await pagesOf<Page>(path, wanted.current.pages), [path, fresh]);
  const pages = found ?? [];
  function more(): void {
    wanted.current.pages = pages.length + 1;
    load();
  }
  return { found: pages[0] ?? null, pages, problem, load, more: pages.at(-1)?.next == null ? null : more };
}

async function pagesOf<Page extends Part>(path: string, many: number): Promise<Page[]> {
  const pages = [await read<Page>(path)];
  while (pages.length < many) {
    const next = pages.at(-1)!.next;
    if (next === null) break;
    pages.push(await read<Page>(`${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(String(next))}`));
  }
  return pages;
}

/** Read when something of `on` changes and on demand. Only the reading that began last counts, however long each takes. */
function useRead<Answer>(asked: () => Promise<Answer>, on: unknown[]): Listed<Answer> {
  const [found, setFound] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const newest = useRef(0);

  function load(): void {
    const mine = ++newest.current;
    asked().then(
      (answer) => {
        if (mine !== newest.current) return;
        setFound(answer);
        setProblem(null);
      },
      (error: unknown) => {
        if (mine === newest.current && error instanceof Problem) setProblem(error);
      },
    );
  }

  useEffect(load, on);
  return { found, problem, load };
}

interface Props {
  listed: Listed<unknown>;
  isEmpty: boolean;
  icon: IconName;
  none: Key;
  noneHint: Key;
  children: ComponentChildren;
}

/** A list in each of its states: on its way, failed, empty, there. */
export function Listing({ listed, isEmpty, icon, none, noneHint, children }: Props) {
  if (listed.found === null && listed.problem !== null) return <ProblemAlert problem={listed.problem} />;
  if (listed.found === null) return <p class="quiet">{t("screen.loading")}</p>;
  if (!isEmpty) return <>{children}</>;
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{t(none)}</h2>
      <p class="quiet">{t(noneHint)}</p>
    </div>
  );
}

/** Leads to the next page of a list, while there is one. */
export function More({ listed }: { listed: Paged<unknown> }) {
  if (listed.more === null) return null;
  return (
    <button type="button" class="button older" data-testid="more" onClick={listed.more}>
      {t("screen.more")}
    </button>
  );
}

/** Ask twice before something ends for good. */
export function EndButton({ onEnd }: { onEnd: () => void }) {
  const [isSure, setSure] = useState(false);
  return (
    <button
      type="button"
      class={isSure ? "button button-danger" : "button"}
      data-testid="end"
      onBlur={() => setSure(false)}
      onClick={() => (isSure ? onEnd() : setSure(true))}
    >
      {t(isSure ? "specials.end_sure" : "specials.end")}
    </button>
  );
}
