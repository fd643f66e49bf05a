import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t, type Key } from "../../../shared/screens/src/messages";
import { EditDialog } from "./editing";
import { TextField } from "./fields";

const KEY = "author";

interface Props {
  title: string;
  hint?: Key;
  /** Asked for besides the name; absent where there is nothing to say. */
  noteWord?: Key;
  act: (author: string, note: string) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}

/** Something that is kept with who did it and why. The name is remembered on this computer. */
export function ActDialog({ title, hint, noteWord, act, onDone, onClose, children }: Props) {
  const [author, setAuthor] = useState(() => localStorage.getItem(KEY) ?? "");
  const [note, setNote] = useState("");

  function save(): Promise<unknown> {
    localStorage.setItem(KEY, author.trim());
    return act(author.trim(), note.trim());
  }

  return (
    <EditDialog title={title} save={save} onDone={onDone} onClose={onClose} word={title}>
      {hint !== undefined && <p class="quiet">{t(hint)}</p>}
      <TextField word="alarms.author" path="author" value={author} onType={setAuthor} isNeeded />
      {children}
      {noteWord !== undefined && <TextField word={noteWord} path="note" value={note} onType={setNote} isNeeded />}
    </EditDialog>
  );
}
