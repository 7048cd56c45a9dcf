/** What a visitor without a session sees: where to find the address that opens one. */
import { html } from "../../core/html.ts";

export const doorPage: string = `<!doctype html>${
  html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Polymath studio</title><meta name="color-scheme" content="light dark">
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.25rem}code{font-size:0.95em}</style>
</head><body><h1>Polymath studio</h1>
<p>This studio belongs to the person who started it. Open the whole address that <code>polymath studio</code> printed: it ends in <code>?token=…</code></p>
<p lang="zh">请打开 <code>polymath studio</code> 打印出的完整地址（以 <code>?token=…</code> 结尾）。</p>
</body></html>`.markup
}`;
