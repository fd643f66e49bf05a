const REPEATS = [300, 1000, 3000]; // milliseconds between repeats when no answer came

/** What a daemon said is wrong (RFC 9457), or that it said nothing: then `status` is 0. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly title: string,
    readonly hint: string,
    readonly status: number,
    readonly facts: Record<string, unknown> = {},
  ) {
    super(title);
  }
}

interface ProblemDocument {
  code?: string;
  title?: string;
  hint?: string;
  facts?: Record<string, unknown>;
}

/** A name for one intent. `crypto.randomUUID` is missing where a page came by plain HTTP over a network. */
export function newIntent(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** key: of the person who may see it, where the page's own cookie is not enough. */
export function read<Answer>(path: string, signal?: AbortSignal, key?: string): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (key !== undefined) headers["Authorization"] = `Bearer ${key}`;
  return ask<Answer>(path, { headers, ...(signal ? { signal } : {}) });
}

/**
 * Send one intent. It is repeated under the same name until an answer comes, so it can only happen once.
 *
 * key: of the person who may do it, where the page's own cookie is not enough.
 */
export async function send<Answer>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body?: object,
  { intent = newIntent(), key }: { intent?: string; key?: string } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json", "Idempotency-Key": intent };
  if (key !== undefined) headers["Authorization"] = `Bearer ${key}`;
  const request: RequestInit = { method, headers };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  for (const pause of REPEATS) {
    try {
      return await ask<Answer>(path, request);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return ask<Answer>(path, request);
}

/** Send a file as it is. It is not repeated by itself: who chose it sees what became of it. */
export function upload<Answer>(path: string, file: Blob, type: string): Promise<Answer> {
  return ask<Answer>(path, { method: "POST", headers: { Accept: "application/json", "Content-Type": type }, body: file });
}

async function ask<Answer>(path: string, request: RequestInit): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem("no-answer", "", "", 0);
  }
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Answer;
}

async function problemOf(response: Response): Promise<Problem> {
  const document: ProblemDocument = await response.json().catch(() => ({}));
  return new Problem(document.code ?? "unexpected", document.title ?? "", document.hint ?? "", response.status, document.facts);
}
