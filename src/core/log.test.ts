import { expect, suite, test } from "vitest";
import { createLog, describeFields } from "./log.ts";

function collector(isTTY = false) {
  const chunks: string[] = [];
  return { isTTY, columns: 80, write: (text: string) => chunks.push(text), text: () => chunks.join("") };
}

suite("createLog", () => {
  test("writes one line per event with its fields", () => {
    const stream = collector();
    const log = createLog({ stream });
    log.info("trim-end", { droppedCount: 3, loss: 0.123456, file: "a b.jsonl", absent: undefined });
    log.warn("endpoint-retry", { cause: new Error("busy") });
    expect(stream.text()).toBe(
      'trim-end droppedCount=3 loss=0.1235 file="a b.jsonl"\nwarning: endpoint-retry cause="busy"\n',
    );
  });

  test("debug is silent unless asked for", () => {
    const [quiet, loud] = [collector(), collector()];
    createLog({ stream: quiet, debug: false }).debug("cache-hit");
    createLog({ stream: loud, debug: true }).debug("cache-hit");
    expect([quiet.text(), loud.text()]).toEqual(["", "debug: cache-hit\n"]);
  });

  test("wipes the progress bar under it on a terminal", () => {
    const stream = collector(true);
    createLog({ stream }).info("step");
    expect(stream.text()).toBe("\r\x1b[2Kstep\n");
  });

  test("a newline inside a field cannot forge a line", () => {
    expect(describeFields({ text: "a\nwarning: b" })).toBe('text="a\\nwarning: b"');
  });
});
