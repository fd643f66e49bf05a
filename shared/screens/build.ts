import type { UserConfig } from "vite";

/** How every screen is built: one page, its assets flat beside it, nothing inlined, nothing fetched from elsewhere. */
export function screen(base: string): UserConfig {
  return {
    base,
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: ["chrome123", "firefox128", "safari17.5"],
      // The content security policy refuses data: fonts, and a file can be cached.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  };
}
