const MARGIN = 4; // light squares around it, which scanners need

/** A QR code; dark on light in any colour scheme, as scanners expect. It says nothing that is not written beside it. */
export function QrCode({ rows }: { rows: string[] }) {
  const side = rows.length + 2 * MARGIN;
  const dark = rows.flatMap((row, y) =>
    [...row].flatMap((square, x) => (square === "1" ? [`M${x + MARGIN} ${y + MARGIN}h1v1h-1z`] : [])),
  );
  return (
    <svg class="qr-code" viewBox={`0 0 ${side} ${side}`} aria-hidden="true" shape-rendering="crispEdges">
      <rect width={side} height={side} class="qr-paper" />
      <path d={dark.join("")} class="qr-ink" />
    </svg>
  );
}
