import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { splitThinking } from "./think-splitter.ts";

/** Thinking and answer of a text that arrives in pieces. */
function split(pieces: string[], start?: "thinking") {
  const splitter = splitThinking(start);
  const all = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  const join = (kind: string) =>
    all
      .filter((piece) => piece.kind === kind)
      .map(({ text }) => text)
      .join("");
  return { thinking: join("thinking"), answer: join("answer") };
}

suite("splitThinking", () => {
  test("tags switch and vanish", () => {
    const text = "<think>1+1 is 2</think><answer>2</answer>";
    expect(split([text])).toEqual({ thinking: "1+1 is 2", answer: "2" });
  });
  test("however the text is cut", () => {
    const text = "a<b <think>x<y</think>\n2 < 3";
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((end, index) => text.slice(places[index], end));
        expect(split(pieces)).toEqual({ thinking: "x<y", answer: "a<b \n2 < 3" });
      }),
    );
  });
  test("the prompt may have opened the thinking", () => {
    expect(split(["so ", "2</thi", "nk>2"], "thinking")).toEqual({ thinking: "so 2", answer: "2" });
  });
  test("text goes out as soon as it can be no tag", () => {
    const splitter = splitThinking();
    expect(splitter.push("1 <")).toEqual([{ kind: "answer", text: "1 " }]);
    expect(splitter.push("= 2")).toEqual([{ kind: "answer", text: "<= 2" }]);
  });
});
