/** The studio's pages: one small script for the shell; every page, and every chart library, in a piece of its own. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: { target: "es2024", cssCodeSplit: false, assetsInlineLimit: 0, reportCompressedSize: false },
});
