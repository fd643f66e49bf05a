import { defineConfig } from "vite";
import { screen } from "../../shared/screens/build.ts";

export default defineConfig(screen("/office/"));
