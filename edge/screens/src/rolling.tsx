import { useEffect, useRef, useState } from "preact/hooks";
import { Total } from "./total";

const ROLL_MS = 260;

/** A total that rolls to its new value. */
export function Rolling({ minor }: { minor: number }) {
  const [shown, setShown] = useState(minor);
  const from = useRef(minor);

  useEffect(() => {
    const began = performance.now();
    const origin = from.current;
    if (origin === minor || matchMedia("(prefers-reduced-motion: reduce)").matches) {
      from.current = minor;
      setShown(minor);
      return;
    }
    let frame = requestAnimationFrame(function roll(now) {
      // A frame's time may lie before the moment at which it was asked for.
      const part = Math.min(Math.max((now - began) / ROLL_MS, 0), 1);
      from.current = part < 1 ? Math.round(origin + (minor - origin) * part) : minor;
      setShown(from.current);
      if (part < 1) frame = requestAnimationFrame(roll);
    });
    return () => cancelAnimationFrame(frame);
  }, [minor]);

  return <Total minor={shown} testid="total" />;
}
